"""The loss and its gradient along the gradient, at ``theta - alpha g`` (Santurkar et al. 2018, section 3.1).

In the paper alpha goes from lr / 2 to 4 lr; `chosen` (step; true or false) says which of the steps kept do.
"""

import numpy as np
from numpy.typing import NDArray


def loss_variation(losses: NDArray, chosen: NDArray) -> NDArray:
    """Return the range over alpha of ``L(theta - alpha g)``, nats: (..., step) -> (...) (Fig. 4a).

    NaN where no step is chosen or one is missing; infinite where the loss overflows at some of them, NaN at all.
    """
    return _range(losses, chosen)


def predictiveness(differences: NDArray, chosen: NDArray) -> NDArray:
    """Return the range over alpha of ``|grad L(theta - alpha g) - g|``, gradient units: (..., step) -> (...) (Fig. 4b).

    Missing and infinite as of `loss_variation`. Like the gradient it scales as 1/c under W -> cW.
    """
    return _range(differences, chosen)


def smoothness(differences: NDArray, norm: NDArray, steps: NDArray) -> NDArray:
    """Return ``|grad L(theta - alpha g) - g| / (alpha |g|)``, a curvature: (..., step) -> (..., step).

    ``norm`` (...) is |g|, ``steps`` (step) are the alpha. The paper's effective beta-smoothness is the maximum over
    alpha (Fig. 4c), which the smallest alpha can set alone: wherever the gradient changes by its own length within one
    step, as behind a kink, the value is 1/alpha, and the maximum 1/alpha_min, whatever the curvature (measurement:
    1.2, caution 1). So it is kept as a function of alpha. NaN where alpha |g| is 0.
    """
    length = norm[..., None] * steps
    return differences / np.where(length > 0, length, np.nan)


def _range(values: NDArray, chosen: NDArray) -> NDArray:
    nothing = np.full(values.shape[:-1], np.nan)
    if not chosen.any():
        return nothing
    low, high = values[..., chosen].min(axis=-1), values[..., chosen].max(axis=-1)
    return np.subtract(high, low, out=nothing, where=np.isfinite(low))
