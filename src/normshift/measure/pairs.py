"""Which points are compared with which."""

import numpy as np
from numpy.typing import NDArray

from normshift.measure.group import Group

TEN = 10
STEP, FULL, START = 0, 1, 2  # of the axis `horizon` of records


def followers(points: NDArray, full: NDArray, later: int) -> tuple[NDArray, NDArray]:
    """Return positions of the full points that have a point ``later`` updates after them, and of those points."""
    position = {int(step): place for place, step in enumerate(points)}
    found = [(place, position[points[place] + later]) for place in full if points[place] + later in position]
    pairs = np.array(found, dtype=int).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def horizons(group: Group) -> dict[str, tuple[int, NDArray, NDArray]]:
    """Return by horizon its place in records, and positions of the earlier and later points; not that of one step."""
    points, full = group.points, group.full
    everything = np.arange(1, len(points))
    return {
        "ten": (FULL, *followers(points, full, TEN)),
        "epoch": (FULL, *followers(points, full, int(group.record["epoch"]))),
        "start": (START, np.zeros_like(everything), everything),
    }
