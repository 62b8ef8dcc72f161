"""Rates at which weights turn whose length the function does not depend on (W -> cW)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def effective_rate(lr: ArrayLike, norm: NDArray) -> NDArray:
    """Return ``lr / |w|^2``: (...) -> (...) (van Laarhoven 2017); NaN where the norm is 0."""
    return lr / np.square(np.where(norm > 0, norm, np.nan))


def relative_step(step: NDArray, norm: NDArray) -> NDArray:
    """Return ``|dw| / |w|``, radians where the step is short and square to w: (...) twice -> (...); NaN at norm 0."""
    return step / np.where(norm > 0, norm, np.nan)


def norm_growth_residual(before_squared: NDArray, after_squared: NDArray, lr: ArrayLike, squared: NDArray) -> NDArray:
    """Return ``(|w'|^2 - |w|^2) / (lr^2 |g|^2) - 1``, 0 for a step of plain gradient descent: (...) -> (...).

    A gradient that scaling cannot change the loss along is square to w, so that ``|w'|^2 = |w|^2 + lr^2 |g|^2``
    (measurement: 1.5). ``squared`` is |g|^2. In units of the growth, for beside |w|^2 any small step would do; rounding
    of the norms counts as ``eps |w|^2 / (lr^2 |g|^2)``. NaN where nothing grows.
    """
    growth = np.square(lr) * squared
    return (after_squared - before_squared) / np.where(growth > 0, growth, np.nan) - 1
