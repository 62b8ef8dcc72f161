"""Spread of a sample, and the one scale by which scale-free shifts are divided."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def spread(sample: NDArray) -> NDArray:
    """Return the biased standard deviation along the last axis, exactly 0 where all values are equal."""
    constant = sample.max(axis=-1) == sample.min(axis=-1)
    return np.where(constant, 0.0, sample.std(axis=-1))


def pooled_sigma(before: ArrayLike, after: ArrayLike, least: ArrayLike = 0.0) -> NDArray:
    """Return ``sqrt((sd^2 + sd'^2) / 2)``, at least ``least``; NaN where that is 0 (measurement: section 2, rule 1).

    Pooled over both snapshots, never the initial one: a unit that wakes up late would otherwise seem to move for ever.
    """
    sigma = np.maximum(np.sqrt((np.square(before) + np.square(after)) / 2), least)
    return np.where(sigma > 0, sigma, np.nan)


def layer_spread(layer: NDArray) -> NDArray:
    """Return the root mean square over units of `spread`, activation units: (..., sample, unit) -> (...)."""
    return np.sqrt(np.square(spread(np.swapaxes(layer, -1, -2))).mean(axis=-1))
