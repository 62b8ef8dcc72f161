"""Linear centred kernel alignment of two samples of a whole layer."""

import numpy as np
from numpy.typing import NDArray


def cka(before: NDArray, after: NDArray) -> NDArray:
    """Return ``|Y'X|^2 / (|X'X| |Y'Y|)``, X and Y centred: (..., sample, unit) twice, rows paired -> (...).

    A similarity: 1 for the same, 0 for unrelated examples in endless number (Kornblith et al. 2019, section 3). Moved
    means, a common scale and rotations leave it at 1, so it is never a measure of internal covariate shift. NaN where
    all units of a sample are constant, a single example included.
    """
    x, y = _centred(before), _centred(after)
    scale = _norm(x, x) * _norm(y, y)
    return np.square(_norm(y, x)) / np.where(scale == 0, np.nan, scale)


def _centred(sample: NDArray) -> NDArray:
    apart = sample - sample[..., :1, :]  # exactly 0 for constant units, which rounding in a mean is not
    return apart - apart.mean(axis=-2, keepdims=True)


def _norm(left: NDArray, right: NDArray) -> NDArray:
    return np.linalg.norm(np.swapaxes(left, -1, -2) @ right, axis=(-2, -1))
