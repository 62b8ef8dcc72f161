"""Quantile band of a unit through time."""

import numpy as np
from numpy.typing import NDArray

BAND = (0.15, 0.5, 0.85)


def quantile_band(sample: NDArray, levels: tuple[float, ...] = BAND) -> NDArray:
    """Return quantiles, activation units: sorted (..., sample) -> (..., level) (Ioffe & Szegedy 2015, Fig. 1).

    Linear between order statistics, of which the i-th of n lies at ``(i - 1/2) / n`` (Hyndman & Fan 1996, type 5).
    """
    last = sample.shape[-1] - 1
    position = np.clip(np.asarray(levels) * sample.shape[-1] - 0.5, 0, last)
    below = np.minimum(position.astype(int), max(last - 1, 0))
    weight = position - below
    return (1 - weight) * sample[..., below] + weight * sample[..., np.minimum(below + 1, last)]
