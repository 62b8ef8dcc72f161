"""How far a parameter vector travels."""

import numpy as np
from numpy.typing import NDArray


def path_length(blocks: NDArray, members: NDArray) -> NDArray:
    """Return the sum of the norms of the steps, parameter units: sums per block (..., block) -> (...).

    ``members`` (block; true or false) are the blocks of a window; NaN for an empty one.
    """
    return blocks[..., members].sum(axis=-1) if members.any() else np.full(blocks.shape[:-1], np.nan)
