"""Parts of a run: early, late, all."""

import numpy as np
from numpy.typing import NDArray

from normshift.params import Rules


def windows(times: NDArray, steps: int, rules: Rules) -> dict[str, NDArray[np.bool_]]:
    """Return for each window which times (updates made before) lie in it (measurement: addendum, windows)."""
    # Rounded, as .55 * 100 lies above 55.
    first, last = round(rules.early * steps, 6), round((1 - rules.late) * steps, 6)
    return {"early": times < first, "late": times >= last, "all": np.ones(len(times), dtype=bool)}


def window_mean(values: NDArray, inside: NDArray[np.bool_]) -> NDArray:
    """Return the mean of the entries of a window: (..., time) -> (...); NaN if it is empty."""
    return values[..., inside].sum(axis=-1) / (inside.sum() or np.nan)
