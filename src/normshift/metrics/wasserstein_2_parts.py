"""Identity B: what a Wasserstein-2 distance is made of."""

import numpy as np
from numpy.typing import NDArray

from normshift.metrics.sigma import spread


def wasserstein_2_parts(before: NDArray, after: NDArray) -> NDArray:
    """Return location, scale and shape of W2 squared: sorted (..., sample) twice -> (..., 3), their sum W2 squared.

    ``W2^2 = (mu - mu')^2 + (sd - sd')^2 + 2 sd sd' (1 - rho)``, rho the correlation of the quantile functions
    (measurement: 1.8, identity B; Schefzik et al. 2020). The last part is written as ``sd sd' mean((z - z')^2)``
    with z standardised, which cannot fall below 0 by rounding. It is 0 where either sample is constant.
    """
    sd, later_sd = spread(before), spread(after)
    location = np.square(after.mean(axis=-1) - before.mean(axis=-1))
    apart = np.square(_standardised(after, later_sd) - _standardised(before, sd)).mean(axis=-1)
    return np.stack([location, np.square(later_sd - sd), sd * later_sd * apart], axis=-1)


def shares(parts: NDArray) -> NDArray:
    """Return each part over the sum of all: (..., part) -> (..., part); NaN where nothing moved."""
    total = parts.sum(axis=-1, keepdims=True)
    return parts / np.where(total > 0, total, np.nan)


def _standardised(sample: NDArray, sd: NDArray) -> NDArray:
    centred = sample - sample.mean(axis=-1, keepdims=True)
    return centred / np.where(sd == 0, 1.0, sd)[..., None]
