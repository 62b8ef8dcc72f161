"""Means of what is known at every step, between the steps at which a network is observed."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


def mean_between(loss: NDArray, points: NDArray) -> NDArray:
    """Return the mean loss since the point before, at the first point its own: (cell, step) -> (cell, point)."""
    means = [loss[:, begin:end].mean(axis=1) for begin, end in pairwise(points)]
    return np.stack([loss[:, points[0]], *means], axis=1)
