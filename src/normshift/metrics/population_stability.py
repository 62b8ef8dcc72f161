"""Population stability index of a unit."""

import numpy as np
from numpy.typing import NDArray

from normshift.metrics.quantile_bins import BINS, bin_masses


def psi(before: NDArray, after: NDArray, bins: int = BINS) -> NDArray:
    """Return ``sum (p - q) ln(p / q)`` over bins: sorted (..., sample) twice -> (...), nats (Siddiqi 2006, chapter 8).

    Jeffreys' divergence of the masses from `bin_masses`. ``before`` is the reference, and swapping the samples changes
    the value. Between independent samples of n it is about ``2 (bins - 1) / n`` when nothing shifts: no threshold fits
    all sizes.
    """
    p, q = bin_masses(before, after, bins)
    return ((p - q) * np.log(p / q)).sum(axis=-1)
