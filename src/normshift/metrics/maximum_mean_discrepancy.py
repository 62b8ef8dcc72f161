"""Maximum mean discrepancy between two samples of a whole layer."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist, pdist


def bandwidth(reference: NDArray) -> NDArray:
    """Return the median distance between two examples, activation units: (..., sample, unit) -> (...).

    Gretton et al. 2012, section 8. NaN for a single example, 0 where half of the pairs coincide.
    """
    return _each_median(reference)


def mmd(before: NDArray, after: NDArray, width: ArrayLike | None = None) -> NDArray:
    """Return MMD squared with the kernel ``exp(-|x - y|^2 / (2 width^2))``: (..., sample, unit) twice -> (...).

    The mean of ``k(x_i, x_j) + k(y_i, y_j) - k(x_i, y_j) - k(x_j, y_i)`` over i != j (Gretton et al. 2012, equation
    4): unbiased, hence negative at times. No example meets its own other version, so it remains unbiased when both
    samples are the same examples, and is exactly 0 when none has moved; equation 3 would be negative there.

    Values are comparable at one ``width`` only: freeze it, `bandwidth` of one pooled reference, over whatever is
    compared. Without it, both samples pooled are the reference. NaN for a single example and where the width is 0.
    """
    if width is None:
        width = bandwidth(np.concatenate(np.broadcast_arrays(before, after), axis=-2))
    return _each(before, after, width)


def _median(reference: NDArray) -> float:
    return np.median(pdist(reference)) if len(reference) > 1 else np.nan


def _mmd(before: NDArray, after: NDArray, width: float) -> float:
    if len(before) < 2 or not width > 0:
        return np.nan
    across = _kernel(before, after, width)
    apart = _kernel(before, before, width) + _kernel(after, after, width) - across - across.T
    return apart[~np.eye(len(apart), dtype=bool)].mean()


def _kernel(left: NDArray, right: NDArray, width: float) -> NDArray:
    return np.exp(-cdist(left, right, "sqeuclidean") / (2 * width**2))


_each_median = np.vectorize(_median, signature="(n,d)->()", otypes=[float])
_each = np.vectorize(_mmd, signature="(n,d),(n,d),()->()", otypes=[float])
