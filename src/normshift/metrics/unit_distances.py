"""The distances that are told of the units of a layer, and the layer's own."""

import numpy as np
from numpy.typing import NDArray

from normshift.metrics.units import mean, median
from normshift.metrics.wasserstein_1 import w1
from normshift.metrics.wasserstein_2 import w2, w2_raw
from normshift.metrics.wasserstein_2_parts import shares, wasserstein_2_parts

DISTANCES = ("w1", "w2", "w2_raw", "location", "scale", "shape")


def unit_distances(before: NDArray, after: NDArray, least: NDArray | float) -> NDArray:
    """Return W1, W2, raw W2, medians over units, and the mean shares of W2^2: (..., unit, quantile) -> (..., 6)."""
    raw = [median(w1(before, after, least)), median(w2(before, after, least)), median(w2_raw(before, after))]
    parts = shares(wasserstein_2_parts(before, after))
    return np.stack([*raw, *(mean(parts[..., part]) for part in range(3))], axis=-1)
