"""What of gamma and beta the next layer can see."""

import numpy as np
from numpy.typing import NDArray


def gauge_fixed(gamma: NDArray, beta: NDArray, norm: NDArray) -> tuple[NDArray, NDArray]:
    """Return ``gamma / norm`` and ``beta / norm``: (..., unit) twice, (...) -> (..., unit) twice.

    ``norm`` is the length of the layer's whole (gamma, beta), all units. Where a ReLU follows and the next layer
    normalises, scaling all of it by c > 0 leaves the function unchanged (at eps = 0), so that only the direction counts
    (measurement: 1.5, gauge); not under a sigmoid or tanh, nor for the last normaliser before an output that is not
    normalised. NaN where the norm is 0.
    """
    length = np.where(norm > 0, norm, np.nan)[..., None]
    return gamma / length, beta / length
