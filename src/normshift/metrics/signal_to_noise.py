"""How much of a gradient is the same at every step."""

import numpy as np
from numpy.typing import NDArray

from normshift.metrics.sigma import spread


def signal_to_noise(increments: NDArray) -> NDArray:
    """Return ``|mean| / sd`` of an entry's increments, or gradients, over time: (..., time) -> (...).

    sd with n - 1 (claim C7; the ratio of Kingma & Ba 2015, section 2.1, with the variance in place of the second
    moment). Pure noise gives ``sqrt(2 / (pi n))`` on average, not 0. NaN for a constant and below two times.
    """
    count = increments.shape[-1]
    if count < 2:
        return np.full(increments.shape[:-1], np.nan)
    sd = spread(increments) * np.sqrt(count / (count - 1))
    return np.abs(increments.mean(axis=-1)) / np.where(sd > 0, sd, np.nan)
