"""The sketches of all sites, from those that a record keeps."""

import numpy as np
from numpy.typing import NDArray

from normshift.measure.group import Group
from normshift.metrics.sketch import SMALL_GAMMA, activated, centred, normalised, scaled

BEFORE, AFTER = 0, 1


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
