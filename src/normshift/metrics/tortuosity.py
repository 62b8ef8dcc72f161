"""How crooked a path is."""

import numpy as np
from numpy.typing import NDArray


def tortuosity(path: NDArray, net: NDArray) -> NDArray:
    """Return path length over net displacement, 1 for a straight path: (...) twice -> (...); NaN where the net is 0.

    The ratio of arc to chord (claim C10). It grows as the square root of the number of steps for a random
    walk: compare only paths of equally many steps.
    """
    return path / np.where(net > 0, net, np.nan)
