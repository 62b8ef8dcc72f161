"""Sliced Wasserstein-2 distance between two samples of a whole layer."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from normshift.metrics.sigma import layer_spread, pooled_sigma
from normshift.seeds import generator

DIRECTIONS = 200


def directions(units: int) -> NDArray:
    """Return unit vectors (unit, direction), each uniform on the sphere; the same for every layer of that width.

    Columns of random orthonormal bases (Rowland et al. 2019): over a whole basis the squared components of a vector add
    up to its squared length, so a mere move of the mean is measured without error where ``units`` divides `DIRECTIONS`.
    """
    bases = -(-DIRECTIONS // units)
    gaussian = generator("directions of sliced_w2", units).normal(size=(bases, units, units))
    return np.concatenate(np.linalg.qr(gaussian).Q, axis=1)[:, :DIRECTIONS]


def sliced_w2_raw(before: NDArray, after: NDArray) -> NDArray:
    """Return the root of the mean of W2 squared along `directions`: (..., sample, unit) twice -> (...).

    In activation units of one unit: a move of every unit by c counts c (Bonneel et al. 2015, section 3).
    """
    return _each(before, after, directions(before.shape[-1]))


def sliced_w2(before: NDArray, after: NDArray, least: ArrayLike = 0.0) -> NDArray:
    """Return `sliced_w2_raw` in sigma, the pooled `layer_spread`, at least ``least``; NaN where it is 0."""
    return sliced_w2_raw(before, after) / pooled_sigma(layer_spread(before), layer_spread(after), least)


def _sliced_w2(before: NDArray, after: NDArray, lines: NDArray) -> float:
    return np.sqrt(np.square(np.sort(after @ lines, axis=0) - np.sort(before @ lines, axis=0)).mean())


_each = np.vectorize(_sliced_w2, signature="(n,d),(n,d),(d,l)->()", otypes=[float])
