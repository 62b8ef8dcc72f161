"""Jensen-Shannon divergence between two samples of one unit."""

import numpy as np
from numpy.typing import NDArray

from normshift.metrics.quantile_bins import BINS, bin_masses


def jensen_shannon(before: NDArray, after: NDArray, bins: int = BINS) -> NDArray:
    """Return ``(KL(p, m) + KL(q, m)) / 2``, m the mean of p and q: sorted (..., sample) twice -> (...), nats.

    The divergence, at most ln 2 (Lin 1991, section IV), not its square root, which is a metric; p and q from
    `bin_masses`. The bins are those of ``before``: it is the reference, and swapping the samples changes the value.
    """
    p, q = bin_masses(before, after, bins)
    middle = (p + q) / 2
    return (p * np.log(p / middle) + q * np.log(q / middle)).sum(axis=-1) / 2
