"""Which points are compared with which."""

import numpy as np
from numpy.typing import NDArray

TEN = 10


def followers(points: NDArray, full: NDArray, later: int) -> tuple[NDArray, NDArray]:
    """Return positions of the full points that have a point ``later`` updates after them, and of those points."""
    position = {int(step): place for place, step in enumerate(points)}
    found = [(place, position[points[place] + later]) for place in full if points[place] + later in position]
    pairs = np.array(found, dtype=int).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]
