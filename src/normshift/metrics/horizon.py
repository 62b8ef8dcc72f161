"""Horizon: after how many steps drift exceeds a level."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def horizon(drift: NDArray, steps: ArrayLike, level: float) -> tuple[NDArray, NDArray]:
    """Return ``k* = min{k : drift(k) > level}`` in steps and whether it is censored: (..., k) -> (...), (...).

    ``steps`` are the ascending k at which drift is known; between two of them drift is linear in log k. Already beyond
    at the first k: that k. Never beyond: the last k, censored. NaN, not censored, where a missing drift comes before
    the crossing (measurement: 1.8, horizon; right-censoring: DESIGN section 5).
    """
    steps = np.asarray(steps, dtype=float)
    settled = np.isnan(drift) | (drift > level)
    first = np.where(settled.any(axis=-1), settled.argmax(axis=-1), steps.size - 1)
    earlier = np.maximum(first - 1, 0)
    low, high = _at(drift, earlier), _at(drift, first)
    censored = high <= level
    part = np.divide(level - low, high - low, out=np.ones_like(low), where=(first > 0) & (high > level))
    reached = steps[earlier] * (steps[first] / steps[earlier]) ** part
    return np.where(np.isnan(high), np.nan, reached), censored


def _at(values: NDArray, index: NDArray) -> NDArray:
    return np.take_along_axis(values, index[..., None], axis=-1)[..., 0]
