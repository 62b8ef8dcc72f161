"""Where the distribution functions of two samples part."""

import numpy as np
from numpy.typing import NDArray


def cdf_gap(before: NDArray, after: NDArray) -> tuple[NDArray, NDArray]:
    """Return F - F' and the length on which it holds: sorted (..., sample) twice -> (..., interval) twice.

    The intervals lie between successive values of both samples pooled, lengths in activation units. Length 0 is a tie,
    where the gap means nothing; a NaN sorts last and makes a length NaN.
    """
    before, after = np.broadcast_arrays(before, after)
    size = before.shape[-1]
    pooled = np.concatenate([before, after], axis=-1)
    order = np.argsort(pooled, axis=-1, kind="stable")  # merges the two runs
    steps = np.where(order < size, 1, -1)  # whole numbers: no gap is left by rounding
    return np.cumsum(steps, axis=-1)[..., :-1] / size, np.diff(np.take_along_axis(pooled, order, axis=-1))
