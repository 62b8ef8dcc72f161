"""From arrays to rows of a table."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd


def rows(axes: Mapping[str, Sequence | np.ndarray], **columns: Any) -> pd.DataFrame:
    """Return one row per element: a column of labels per axis, first axis slowest, and one per array or constant."""
    index = pd.MultiIndex.from_product(list(axes.values()), names=list(axes)).to_frame(index=False)
    shape = tuple(len(labels) for labels in axes.values())
    flat = {
        name: value if isinstance(value, str) else np.broadcast_to(np.asarray(value), shape).ravel()
        for name, value in columns.items()
    }
    return index.assign(**flat)
