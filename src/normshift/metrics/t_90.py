"""When a parameter has made most of its way."""

import numpy as np
from numpy.typing import NDArray

MOST = 0.9


def t_90(trajectory: NDArray) -> NDArray:
    """Return when 90 % of the final displacement is first reached, share of the window: (..., time) -> (...).

    ``min{t : (x_t - x_0) sign(x_T - x_0) >= .9 |x_T - x_0|}``. Descriptive only, for it is biased: a random walk, which
    never settles, is there before half-time in 53 % of cases, and a stationary process almost at once (measurement:
    addendum, settling). `settling` has no such bias. NaN where the trajectory ends at its start or a time is missing.
    """
    way = trajectory - trajectory[..., :1]
    final = way[..., -1:]
    first = (way * np.sign(final) >= MOST * np.abs(final)).argmax(axis=-1)
    missing = np.isnan(way).any(axis=-1) | (final[..., 0] == 0)
    return np.where(missing, np.nan, first / (trajectory.shape[-1] - 1 or np.nan))
