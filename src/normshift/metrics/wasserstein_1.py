"""Wasserstein-1 distance between two samples of one unit."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from normshift.metrics.sigma import pooled_sigma, spread


def w1_raw(before: NDArray, after: NDArray) -> NDArray:
    """Return the mean |difference of order statistics|, activation units: sorted (..., sample) twice -> (...).

    ``W1 = integral of |Q - Q'|`` over the quantile functions (Peyre & Cuturi 2019, section 2.6).
    """
    return np.abs(after - before).mean(axis=-1)


def w1(before: NDArray, after: NDArray, least: ArrayLike = 0.0) -> NDArray:
    """Return `w1_raw` in sigma, pooled and at least ``least``; NaN where it is 0."""
    return w1_raw(before, after) / pooled_sigma(spread(before), spread(after), least)
