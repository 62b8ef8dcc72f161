"""How much of the variance of a table of numbers each of its two factors explains."""

import numpy as np
from numpy.typing import NDArray


def shares(values: NDArray) -> NDArray:
    """Return omega^2 of rows and of columns, one value a cell, no interaction: (..., row, column) -> (..., 2).

    omega^2 = (SS - df MS_residual) / (SS_total + MS_residual) (Hays 1963). Unlike the share SS / SS_total it is not
    larger for the factor with more levels. NaN where nothing varies.
    """
    rows, columns = values.shape[-2:]
    grand = values.mean(axis=(-2, -1), keepdims=True)
    total = np.square(values - grand).sum(axis=(-2, -1))
    of_rows = columns * np.square(values.mean(axis=-1, keepdims=True) - grand).sum(axis=(-2, -1))
    of_columns = rows * np.square(values.mean(axis=-2, keepdims=True) - grand).sum(axis=(-2, -1))
    freedom = np.array([rows - 1, columns - 1])
    residual = (total - of_rows - of_columns) / freedom.prod()
    all_in_all = total + residual
    explained = np.stack([of_rows, of_columns], axis=-1) - freedom * residual[..., None]
    return explained / np.where(all_in_all > 0, all_in_all, np.nan)[..., None]
