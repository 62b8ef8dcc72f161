"""Decomposition C: how much of a batch statistic's change is another batch, how much another network."""

import numpy as np
from numpy.typing import NDArray


def decomposition(corners: NDArray) -> NDArray:
    """Return change, sampling and drift, unit of the statistic: (..., state, batch) -> (..., 3).

    ``corners[s, b]`` is the statistic before (0) or after (1) an update on that update's batch (0) or the next (1).
    Both parts are averaged over the two orders of changing one thing at a time (Shapley), so that sampling + drift =
    change: ``s(th', B') - s(th, B)`` (measurement: 1.8, decomposition C).
    """
    before, after = corners[..., 0, :], corners[..., 1, :]
    change = after[..., 1] - before[..., 0]
    sampling = ((before[..., 1] - before[..., 0]) + (after[..., 1] - after[..., 0])) / 2
    drift = ((after[..., 0] - before[..., 0]) + (after[..., 1] - before[..., 1])) / 2
    return np.stack([change, sampling, drift], axis=-1)
