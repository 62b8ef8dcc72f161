"""How early a parameter vector makes its way, and what the order of its blocks has to do with it."""

import numpy as np
from numpy.typing import NDArray

from normshift.metrics.inner_products import inner_products

PERMUTATIONS = 999


def settling(gram: NDArray, members: NDArray) -> NDArray:
    """Return ``S = mean_t <x_t - x_0, d> / |d|^2`` with ``d = x_T - x_0``, a share of the way: (..., pair) -> (...).

    ``gram`` and ``members`` as of `displacement`; t are the ends of the window's blocks (measurement: addendum,
    settling). The mean is the trapezoid from x_0 to x_T, so that blocks in any order (exchangeable ones) give .5 in
    expectation; the plain mean over their ends gives (B + 1) / 2B. Above .5 for what moves first and then stays, below
    for what moves late; not bound to [0, 1] off the straight line. NaN below two blocks, which have no order, and
    where the path ends at its start as far as single precision can tell.
    """
    progress = _progress(gram, members)
    return (progress * _weight(progress.shape[-1])).sum(axis=-1)


def settling_null(gram: NDArray, members: NDArray) -> NDArray:
    """Return mean and sd of S over all orders of the blocks: (..., pair) -> (..., 2); NaN where S is.

    No order changes d, so that S is a linear permutation statistic, ``S = sum_i w_i c_i`` with the shares of the way
    ``c_i = <d_i, d> / |d|^2``, of mean 1/2 and variance ``sum (w_i - 1/2)^2 sum (c_i - 1/B)^2 / (B - 1)`` (Hoeffding
    1951). Exact: nothing is drawn.
    """
    progress = _progress(gram, members)
    count = progress.shape[-1]
    variance = np.square(_weight(count) - 0.5).sum() * np.square(progress - 1 / count).sum(axis=-1) / (count - 1)
    return np.stack([np.where(np.isnan(variance), np.nan, 0.5), np.sqrt(variance)], axis=-1)


def settling_share(
    gram: NDArray, members: NDArray, draw: np.random.Generator, permutations: int = PERMUTATIONS
) -> NDArray:
    """Return the share of orders of the blocks with S at least as large: (..., pair) -> (...); NaN where S is.

    The order seen counts as one of them: ``(1 + #{S_permuted >= S}) / (1 + permutations)`` (Phipson & Smyth 2010).
    All leading entries share the permutations; equal up to rounding counts as equal.
    """
    progress = _progress(gram, members)
    weight = _weight(progress.shape[-1])
    least = (progress * weight).sum(axis=-1) - 1e-12 * np.abs(progress).sum(axis=-1)
    reached = sum((progress * draw.permutation(weight)).sum(axis=-1) >= least for _ in range(permutations))
    return np.where(np.isnan(least), np.nan, (1 + reached) / (1 + permutations))


def _weight(count: int) -> NDArray:
    """Return for each block the share of time that its increment has been made: ``(B - i + 1/2) / B``, i from 1."""
    return (count - 0.5 - np.arange(count)) / count


def _progress(gram: NDArray, members: NDArray) -> NDArray:
    """Return ``<d_i, d> / |d|^2`` of the window's blocks, their sum 1: (..., pair) -> (..., block)."""
    if members.sum() < 2:
        return np.full((*gram.shape[:-1], 2), np.nan)
    inner = inner_products(gram, members)
    along = inner.sum(axis=-1)
    squared = along.sum(axis=-1, keepdims=True)
    path = np.sqrt(np.diagonal(inner, axis1=-2, axis2=-1)).sum(axis=-1, keepdims=True)
    return along / np.where(squared > np.finfo(np.float32).eps * np.square(path), squared, np.nan)
