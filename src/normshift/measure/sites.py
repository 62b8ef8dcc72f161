"""What is kept of a unit is the sketch of u; those of x, y and a follow from it."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from normshift.measure.group import Group
from normshift.metrics.sigma import spread

BEFORE, AFTER = 0, 1
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


def sketches(group: Group, state: int, exact: bool = False) -> dict[str, NDArray]:
    """Return each site's order statistics on the first probe, batch mode: (cell, point, layer, unit, quantile).

    ``state`` BEFORE the update: at every point; AFTER it: at the full points. ``exact`` gives u, and with it x and y
    where they are affine in u, the moments of the whole sample.
    """
    suffix, points = ("_after", group.full) if state == AFTER else ("", slice(None))
    kept, known = group.array(f"quantiles{suffix}"), group.array("moments")[:, points, state]
    u = known[..., 0, None] + known[..., 1, None] * (centred(kept) if exact else kept)
    own = group.array(f"y_quantiles{suffix}") if "y_quantiles" in group.record else None
    if not group.affine:
        y = u if own is None else own
        return {"u": u, "y": y, "a": activated(y, group.cells["activation"])}
    if own is not None:
        # x is not batch norm's function of one unit's u, and is not kept.
        x, y = np.full_like(u, np.nan), own
    else:
        moments = group.array("moments")[:, points, state]
        gamma, beta = (group.array(name)[:, points, state] for name in ("gamma", "beta"))
        x = normalised(u, moments[..., 0], moments[..., 1], float(group.record["eps"]))
        y = scaled(x, gamma, beta)
    return {"u": u, "x": x, "y": y, "a": activated(y, group.cells["activation"])}


def least_sigma(group: Group) -> dict[str, NDArray | float]:
    """Return for each site the least sigma that counts, as `train` sets it: (cell, point, layer, unit), or none: 0."""
    if not group.affine:
        return dict.fromkeys(group.sites, 0.0)
    gamma = group.array("gamma")[:, :, BEFORE]
    least = np.where(np.abs(gamma) < SMALL_GAMMA, SMALL_GAMMA, 0.0)
    return {"u": np.zeros_like(least), "x": np.zeros_like(least), "y": least, "a": least}
