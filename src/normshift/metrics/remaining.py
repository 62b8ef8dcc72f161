"""How much of the way to its end a parameter vector still has before it."""

import numpy as np
from numpy.typing import NDArray

from normshift.metrics.inner_products import inner_products


def remaining(gram: NDArray, members: NDArray) -> NDArray:
    """Return ``|x_T - x_t| / |x_T - x_0|``, a share of the way: (..., pair) -> (..., edge).

    ``gram`` and ``members`` as of `displacement`; t are the edges of the window's blocks, one more than there are
    blocks, so that the first entry is 1 and the last 0: ``|x_T - x_t|^2 = sum_ij <d_i, d_j>`` over the blocks from t
    on. A vector that goes straight at an even pace falls in a line; one that strays from its end rises above 1. A point
    at the end may round below 0, which counts as 0. NaN where the path ends at its start as far as single precision can
    tell.
    """
    inner = inner_products(gram, members)
    # Corner sums of the matrix, from its end: the last k blocks among themselves.
    tails = inner[..., ::-1, ::-1].cumsum(axis=-1).cumsum(axis=-2).diagonal(axis1=-2, axis2=-1)[..., ::-1]
    squared = np.concatenate([np.maximum(tails, 0.0), np.zeros_like(tails[..., :1])], axis=-1)
    path = np.sqrt(inner.diagonal(axis1=-2, axis2=-1)).sum(axis=-1, keepdims=True)
    whole = squared[..., :1]
    return np.sqrt(squared / np.where(whole > np.finfo(np.float32).eps * np.square(path), whole, np.nan))
