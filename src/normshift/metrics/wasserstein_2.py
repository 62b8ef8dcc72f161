"""Wasserstein-2 distance between two samples of one unit."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from normshift.metrics.sigma import pooled_sigma, spread


def w2_raw(before: NDArray, after: NDArray) -> NDArray:
    """Return the rms difference of order statistics, activation units: sorted (..., sample) twice -> (...).

    ``W2^2 = integral of (Q - Q')^2`` over the quantile functions (Peyre & Cuturi 2019, section 2.6).
    """
    return np.sqrt(np.square(after - before).mean(axis=-1))


def w2(before: NDArray, after: NDArray, least: ArrayLike = 0.0) -> NDArray:
    """Return `w2_raw` in sigma, pooled and at least ``least``; NaN where it is 0."""
    return w2_raw(before, after) / pooled_sigma(spread(before), spread(after), least)
