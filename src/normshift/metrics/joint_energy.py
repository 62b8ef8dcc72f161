"""Energy distance between two samples of a whole layer."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist

from normshift.metrics.sigma import layer_spread, pooled_sigma


def joint_energy_raw(before: NDArray, after: NDArray) -> NDArray:
    """Return ``2 E|X - Y| - E|X - X'| - E|Y - Y'|``, activation units: (..., sample, unit) twice -> (...).

    Lengths are Euclidean, means run over all pairs, an example with itself included (Szekely & Rizzo 2013, section 2).
    Rounding below 0 counts as 0.
    """
    return _each(before, after)


def joint_energy(before: NDArray, after: NDArray, least: ArrayLike = 0.0) -> NDArray:
    """Return `joint_energy_raw` over ``sigma sqrt(units)``, sigma the pooled `layer_spread`, at least ``least``.

    Lengths grow as the root of the number of units; so a layer of copies of one unit has that unit's `energy`. NaN
    where sigma is 0.
    """
    sigma = pooled_sigma(layer_spread(before), layer_spread(after), least)
    return joint_energy_raw(before, after) / (sigma * np.sqrt(before.shape[-1]))


def _energy(before: NDArray, after: NDArray) -> NDArray:
    across = cdist(before, after)
    # Entry by entry, because the three means of nearly equal samples would cancel.
    apart = across + across.T - cdist(before, before) - cdist(after, after)
    return np.maximum(apart.mean(), 0.0)


_each = np.vectorize(_energy, signature="(n,d),(n,d)->()", otypes=[float])
