"""Change of the mean of a unit."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from normshift.metrics.sigma import pooled_sigma, spread


def mean_shift_raw(before: NDArray, after: NDArray) -> NDArray:
    """Return ``|mean' - mean|`` in activation units: (..., sample) twice -> (...) (Santurkar et al. 2018, Fig. 8)."""
    return np.abs(after.mean(axis=-1) - before.mean(axis=-1))


def mean_shift(before: NDArray, after: NDArray, least: ArrayLike = 0.0) -> NDArray:
    """Return ``|mean' - mean| / sigma``, pooled, at least ``least``; NaN where it is 0 (measurement: section 2)."""
    return mean_shift_raw(before, after) / pooled_sigma(spread(before), spread(after), least)
