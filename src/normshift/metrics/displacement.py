"""How far a parameter vector gets."""

import numpy as np
from numpy.typing import NDArray


def displacement(gram: NDArray, members: NDArray) -> NDArray:
    """Return ``|x_T - x_0|`` over a window, parameter units: (..., pair) -> (...).

    ``gram`` holds the inner products of the block increments, upper triangle with diagonal, row by row; ``members``
    (block; true or false) are the blocks of the window: ``|sum_i d_i|^2 = sum_ij <d_i, d_j>``. A path that returns to
    its start may round below 0, which counts as 0. NaN for an empty window.
    """
    row, column = np.triu_indices(members.size)
    chosen = members[row] & members[column]
    squared = (gram * np.where(row == column, 1.0, 2.0))[..., chosen].sum(axis=-1)
    return np.sqrt(np.maximum(squared, 0.0)) if members.any() else np.full(gram.shape[:-1], np.nan)
