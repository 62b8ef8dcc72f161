"""From arrays with named axes to a tidy table, without a loop over rows."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Labels = Sequence[str] | NDArray


def tidy(axes: Mapping[str, Labels], **columns: Any) -> pd.DataFrame:
    """Return one row per element: a column of labels per axis, first axis slowest, and one per broadcast array."""
    shape = tuple(len(labels) for labels in axes.values())
    places = np.indices(shape, dtype=np.int32, sparse=True)
    frame = {name: _picked(labels, place, shape) for (name, labels), place in zip(axes.items(), places, strict=True)}
    for name, values in columns.items():
        if isinstance(values, str):
            frame[name] = _picked([values], np.zeros((), np.int32), shape)
        else:
            frame[name] = np.broadcast_to(values, shape).ravel()
    return pd.DataFrame(frame)


def _picked(labels: Labels, place: NDArray, shape: tuple[int, ...]) -> Any:
    flat = np.broadcast_to(place, shape).ravel()
    return labels[flat] if isinstance(labels, np.ndarray) else pd.array(list(labels), dtype="str").take(flat)
