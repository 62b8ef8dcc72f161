"""Kolmogorov-Smirnov distance between two samples of one unit."""

import numpy as np
from numpy.typing import NDArray

from normshift.metrics.cdf_gap import cdf_gap


def ks(before: NDArray, after: NDArray) -> NDArray:
    """Return ``sup |F - F'|``, between 0 and 1: sorted (..., sample) twice -> (...) (Smirnov 1939).

    An effect size: at large n its p-value rejects everything. No scale is needed, so constant samples and single
    examples have one too: 0 or 1.
    """
    gap, length = cdf_gap(before, after)
    return (np.abs(gap) * np.sign(length)).max(axis=-1)
