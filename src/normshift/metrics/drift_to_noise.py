"""Drift measured by what another mini-batch would do."""

import numpy as np
from numpy.typing import NDArray

# In sigma: a thousandth of a mini-batch's noise. Below it the mean is set by the normaliser and only rounding varies.
NOTHING = 1e-4


def drift_to_noise(drift: NDArray, noise: NDArray) -> NDArray:
    """Return R = drift / noise, both in sigma: (...) twice -> (...) (measurement: 1.8, decomposition C).

    NaN where batches do not differ.
    """
    return drift / np.where(noise > NOTHING, noise, np.nan)
