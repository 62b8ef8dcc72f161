"""The null of a distance: what it shows when nothing has shifted."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

# One split of 200 normal values scatters by .3 (KS) to .8 (energy) of its mean, ten by .1 to .26.
SPLITS = 10


def null(
    distance: Callable[[NDArray, NDArray], NDArray], sample: NDArray, generator: np.random.Generator, axis: int = -1
) -> NDArray:
    """Return the mean distance between random halves of one sample: (..., sample) -> (...), unit of the distance.

    ``axis`` is where the examples are: -1 for distances of `REGISTRY`, -2 (..., sample, unit) for those of `JOINT`. A
    split is a permutation cut in two, another for every place of the leading axes (with one for all, sorted units
    would be split at the same ranks, and all err alike); the last of an odd number is left out. The mean is over
    `SPLITS` splits; NaN below two examples.

    It shows the bias between independent samples of half the size, which is larger than at full size, and none at all
    would be seen on the same examples at the same weights (measurement: section 2, rule 2).
    """
    size = sample.shape[axis]
    if size < 2:
        return np.full(sample.shape[:axis], np.nan)
    places = np.broadcast_to(np.arange(size), (*sample.shape[:axis], size))
    orders = (generator.permuted(places, axis=-1) for _ in range(SPLITS))
    return np.mean([distance(*_halves(sample, order, axis)) for order in orders], axis=0)


def _halves(sample: NDArray, order: NDArray, axis: int) -> list[NDArray]:
    half = order.shape[-1] // 2
    parts = order[..., :half], order[..., half : 2 * half]
    if axis == -1:
        return [np.sort(np.take_along_axis(sample, part, axis=-1), axis=-1) for part in parts]
    return [np.take_along_axis(sample, part[..., None], axis=-2) for part in parts]
