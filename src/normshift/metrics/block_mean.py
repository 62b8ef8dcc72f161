"""Means over a window of what was averaged block by block: sign changes, sizes of steps."""

import numpy as np
from numpy.typing import NDArray


def block_mean(blocks: NDArray, updates: NDArray) -> NDArray:
    """Return the mean per update of a window, unit of the blocks: means per block (..., block) -> (...).

    ``updates`` (block) counts the updates behind each block's mean, 0 outside the window; NaN where there are none.
    Of sign changes (share of changes of opposite sign to the last): 0 for a march, .5 for a walk without memory, 1 for
    a bounce at every step.
    """
    inside = updates > 0
    return (blocks[..., inside] * updates[inside]).sum(axis=-1) / (updates.sum() or np.nan)
