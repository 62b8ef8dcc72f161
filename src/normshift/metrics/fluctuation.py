"""How much a parameter fluctuates about its trend."""

import numpy as np
from numpy.typing import NDArray


def fluctuation(trajectory: NDArray) -> NDArray:
    """Return the rms distance from the least-squares line, parameter units: (..., time) -> (...).

    Detrended by one straight line over the whole window (Peng et al. 1994, with one box; a parameter is the sum of its
    steps, so it is already their profile). NaN below three points, which a line fits in any case.
    """
    count = trajectory.shape[-1]
    if count < 3:
        return np.full(trajectory.shape[:-1], np.nan)
    time = np.arange(count) - (count - 1) / 2
    centred = trajectory - trajectory.mean(axis=-1, keepdims=True)
    slope = (centred * time).sum(axis=-1, keepdims=True) / np.square(time).sum()
    return np.sqrt(np.square(centred - slope * time).mean(axis=-1))
