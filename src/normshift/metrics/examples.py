"""Decomposition D: whether a steady distribution hides examples that move."""

import numpy as np
from numpy.typing import NDArray


def examples(before: NDArray, after: NDArray) -> NDArray:
    """Return the mean squared displacement of examples and W2 squared: (..., sample) twice -> (..., 2).

    Both samples in the *same* order of examples, not sorted; squared activation units.
    ``mean_i (y'(i) - y(i))^2 >= W2^2`` with equality if and only if the examples keep their order, as no assignment is
    cheaper than the sorted one (measurement: 1.8, decomposition D; Peyre & Cuturi 2019, section 2.6).
    """
    displacement = np.square(after - before).mean(axis=-1)
    transport = np.square(np.sort(after, axis=-1) - np.sort(before, axis=-1)).mean(axis=-1)
    # Equal terms added in another order may round to more.
    return np.stack([displacement, np.minimum(transport, displacement)], axis=-1)


def example_share(displacement_squared: NDArray, w2_squared: NDArray) -> NDArray:
    """Return W2 squared over the mean squared displacement of examples, in [0, 1]: (...) twice -> (...).

    1: the distribution moves as its examples do; 0: it stands still while they change places. NaN where nothing moved.
    """
    return w2_squared / np.where(displacement_squared > 0, displacement_squared, np.nan)
