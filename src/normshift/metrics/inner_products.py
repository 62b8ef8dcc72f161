"""The inner products of a path's block increments, as a matrix."""

import numpy as np
from numpy.typing import NDArray


def inner_products(gram: NDArray, members: NDArray) -> NDArray:
    """Return ``<d_i, d_j>`` of a window's blocks, squared parameter units: (..., pair) -> (..., block, block).

    ``gram`` holds the upper triangle with diagonal, row by row; ``members`` (block; true or false) are the blocks of
    the window.
    """
    row, column = np.triu_indices(members.size)
    place = np.empty((members.size, members.size), dtype=int)
    place[row, column] = place[column, row] = np.arange(row.size)
    return gram[..., place[np.ix_(members, members)]]
