"""Change of the spread of a unit."""

import numpy as np
from numpy.typing import NDArray

from normshift.metrics.sigma import spread


def sd_shift_raw(before: NDArray, after: NDArray) -> NDArray:
    """Return ``|sd' - sd|``, activation units: (..., sample) twice -> (...) (Santurkar et al. 2018, Fig. 8, sd^2)."""
    return np.abs(spread(after) - spread(before))


def sd_shift(before: NDArray, after: NDArray) -> NDArray:
    """Return ``|ln sd' - ln sd|``: (..., sample) twice -> (...); NaN where either is 0 (measurement: section 2)."""
    return np.abs(_logarithm(spread(after)) - _logarithm(spread(before)))


def _logarithm(sd: NDArray) -> NDArray:
    return np.log(np.where(sd > 0, sd, np.nan))
