"""Energy distance between two samples of one unit."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from normshift.metrics.cdf_gap import cdf_gap
from normshift.metrics.sigma import pooled_sigma, spread


def energy_raw(before: NDArray, after: NDArray) -> NDArray:
    """Return ``2 E|X - Y| - E|X - X'| - E|Y - Y'|``, activation units: sorted (..., sample) twice -> (...).

    On the line it is ``2 * integral of (F - F')^2`` (Szekely & Rizzo 2013, section 2). Without the square root, so that
    it scales as the samples do. Samples count as they are, n atoms: moved together by far less than the gaps between
    their values they are at ``2 |move| / n``.
    """
    gap, length = cdf_gap(before, after)
    return 2 * (np.square(gap) * length).sum(axis=-1)


def energy(before: NDArray, after: NDArray, least: ArrayLike = 0.0) -> NDArray:
    """Return `energy_raw` in sigma, pooled and at least ``least``; NaN where it is 0."""
    return energy_raw(before, after) / pooled_sigma(spread(before), spread(after), least)
