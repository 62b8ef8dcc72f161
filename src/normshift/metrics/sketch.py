"""What is kept of a unit is the sketch of u, a few order statistics; those of x, y and a follow from it."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from normshift.metrics.sigma import spread

SMALL_GAMMA = 0.05  # below it the spread at y is nearly nothing (measurement: addendum, site x)

ACTIVATIONS: dict[str, Callable[[NDArray], NDArray]] = {
    "relu": lambda y: np.maximum(y, 0.0),
    "tanh": np.tanh,
    "sigmoid": expit,
    "identity": lambda y: y,
}


def normalised(u: NDArray, mean: NDArray, sd: NDArray, eps: float) -> NDArray:
    """Return ``x = (u - mean) / sqrt(sd^2 + eps)`` (Ioffe & Szegedy 2015, Alg. 1); NaN where the root is 0."""
    root = np.sqrt(np.square(sd) + eps)
    return (u - mean[..., None]) / np.where(root > 0, root, np.nan)[..., None]


def scaled(x: NDArray, gamma: NDArray, beta: NDArray) -> NDArray:
    """Return ``y = gamma x + beta`` in ascending order: a negative gamma turns the order statistics round."""
    return np.sort(gamma[..., None] * x + beta[..., None], axis=-1)


def activated(y: NDArray, names: Sequence[str]) -> NDArray:
    """Return ``a = g(y)``, g by its name for each cell (first axis); the order stays, as every g ascends."""
    a = np.empty_like(y)
    for name in sorted(set(names)):
        chosen = np.asarray(names) == name
        a[chosen] = ACTIVATIONS[name](y[chosen])
    return a


def centred(sketch: NDArray) -> NDArray:
    """Return a standardised sketch whose own mean is 0 and own sd 1: (..., quantile); of a constant unit 0.

    Fifteen order statistics miss the tails, so their own moments are off by a few hundredths of sigma: enough to show
    a location and a scale moving where identity A fixes both.
    """
    own = spread(sketch)
    moved = sketch - sketch.mean(axis=-1, keepdims=True)
    return moved / np.where(own > 0, own, 1.0)[..., None]
