"""Table diffusion: whether gamma and beta wander late in training, and how much of it has a direction."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift import metrics
from normshift.measure.group import Group
from normshift.measure.tidy import tidy
from normshift.measure.units import median
from normshift.measure.windows import windows
from normshift.params import Rules
from normshift.records import STRIDE
from normshift.tables import COORDINATES

# In points of a trajectory; a tenth of the late window at most (metrics.diffusion_exponent).
LAGS = (1, 2, 3, 4)


def diffusion(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table, late window; no row where no gamma and beta follow the normaliser."""
    seen = group.only(np.full(len(group.numbers), group.affine))
    axes = {"cell": seen.numbers, "parameter": ("gamma", "beta"), "layer": seen.layers, "coordinates": COORDINATES}
    if not group.affine:
        nothing = np.empty((0, 2, len(seen.layers), 2))
        return tidy(axes, exponent=nothing, signal_to_noise=nothing)
    late = windows(np.arange(0, seen.steps, STRIDE), seen.steps, rules)["late"]
    raw = [seen.trajectory(name)[:, late] for name in ("gamma", "beta")]
    fixed = metrics.gauge_fixed(*raw, seen.array("affine_norm")[:, late])
    gauge = [np.where(_free(seen), path, np.nan) for path in fixed]
    paths = np.stack([np.stack(raw, axis=1), np.stack(gauge, axis=1)], axis=-1)
    paths = np.moveaxis(paths, (2, 4), (-1, -2))  # (cell, parameter, layer, coordinates, unit, time)
    drawn = (seen.cells["order_kind"] == "iid") & (seen.cells["regime"] == "fresh")
    exponent = metrics.diffusion_exponent(paths, LAGS)
    return tidy(
        axes,
        exponent=np.where(drawn.to_numpy()[:, None, None, None], exponent, np.nan),
        signal_to_noise=median(metrics.signal_to_noise(np.diff(paths, axis=-1))),
    )


def _free(group: Group) -> NDArray:
    """Say where the length of (gamma, beta) is gauge: ReLU, and batch norm follows; (cell, 1, layer, 1)."""
    relu = (group.cells["activation"] == "relu").to_numpy() & ("identity" in group.record)
    last = group.layers == group.layers[-1]
    return (relu[:, None] & ~last)[:, None, :, None]
