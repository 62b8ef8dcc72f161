"""Histograms of two samples on the quantile bins of the first."""

import numpy as np
from numpy.typing import NDArray

BINS = 10  # deciles: 20 examples each of a probe of 200
PRIOR = 0.5  # example added to every bin


def bin_masses(before: NDArray, after: NDArray, bins: int = BINS) -> tuple[NDArray, NDArray]:
    """Return the masses of both in the bins of ``before``: sorted (..., sample) twice -> (..., bin) twice.

    A bin ends with an order statistic of ``before`` (the first at which F is k / bins or more; Hyndman & Fan 1996, type
    1) and includes it, so that no increasing map of both changes a count. Half an example is added to every bin
    (Jeffreys' prior; Laplace's rule adds a whole one): an empty bin has a logarithm. NaN where ``before`` is constant,
    a single example included: it has no quantiles that differ.
    """
    size = before.shape[-1]
    ends = before[..., -(-size * np.arange(1, bins) // bins) - 1]
    known = (before[..., :1] < before[..., -1:]) & ~np.isnan(after[..., -1:])
    first, second = (_masses(sample, ends) for sample in (before, after))
    return np.where(known, first, np.nan), np.where(known, second, np.nan)


def _masses(sample: NDArray, ends: NDArray) -> NDArray:
    places = range(ends.shape[-1])
    inner = np.stack([(sample <= ends[..., place, None]).sum(axis=-1) for place in places], axis=-1)
    size, bins = sample.shape[-1], ends.shape[-1] + 1
    return (np.diff(inner, axis=-1, prepend=0, append=size) + PRIOR) / (size + PRIOR * bins)
