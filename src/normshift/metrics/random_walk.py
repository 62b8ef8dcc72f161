"""How far a vector gets whose steps have lengths but no memory of direction."""

import numpy as np
from numpy.typing import NDArray


def random_walk(blocks: NDArray, updates: NDArray) -> NDArray:
    """Return the root mean square net displacement of a random walk, parameter units: (..., block) -> (...).

    ``blocks`` are sums of the norms of the steps, ``updates`` (block) how many there are, 0 outside the window:
    ``E|x_T - x_0|^2 = sum_i |s_i|^2`` for steps of independent directions of mean zero, those of a block taken as
    equally long, which can only make it smaller. What the net displacement of claim C10 is compared with. NaN for an
    empty window.
    """
    inside = updates > 0
    squared = (np.square(blocks[..., inside]) / updates[inside]).sum(axis=-1)
    return np.sqrt(squared) if inside.any() else np.full(blocks.shape[:-1], np.nan)
