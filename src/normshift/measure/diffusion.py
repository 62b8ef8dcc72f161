"""Table diffusion: whether gamma and beta wander late in training, and how much of it has a direction."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift import metrics
from normshift.measure.group import Group
from normshift.measure.tidy import tidy
from normshift.measure.windows import windows
from normshift.metrics.units import median
from normshift.params import Rules
from normshift.records import STRIDE
from normshift.tables import COORDINATES, PARAMETERS

AFFINE = PARAMETERS[:2]
LAGS = (1, 2, 3, 4)  # in points of a trajectory: a tenth of the late window of 1,000 steps


def diffusion(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table, late window (measurement: addendum, diffusion exponent; 1.5, gauge).

    No row where no gamma and beta follow the normaliser.
    """
    axes = {"parameter": AFFINE, "layer": group.layers, "coordinates": COORDINATES}
    if not group.affine:
        nothing = np.empty((0, *map(len, axes.values())))
        return tidy({"cell": group.numbers[:0], **axes}, exponent=nothing, signal_to_noise=nothing)
    paths = late_paths(group, rules)
    iid = ((group.cells["order_kind"] == "iid") & (group.cells["regime"] == "fresh")).to_numpy()
    exponent = metrics.diffusion_exponent(paths, LAGS)
    return tidy(
        {"cell": group.numbers, **axes},
        exponent=np.where(iid[:, None, None, None], exponent, np.nan),
        signal_to_noise=median(metrics.signal_to_noise(np.diff(paths, axis=-1))),
    )


def late_paths(group: Group, rules: Rules) -> NDArray:
    """Return kept units' gamma and beta in the late window: (cell, parameter, layer, coordinates, unit, time)."""
    late = windows(np.arange(0, group.steps, STRIDE), group.steps, rules)["late"]
    raw = [group.trajectory(name)[:, late] for name in AFFINE]
    fixed = metrics.gauge_fixed(*raw, group.array("affine_norm")[:, late])
    gauge = np.where(_free(group), np.stack(fixed, axis=1), np.nan)
    both = np.stack([np.stack(raw, axis=1), gauge], axis=-1)
    return np.moveaxis(both, (2, 5), (-1, -3))


def _free(group: Group) -> NDArray:
    """Say where the length of (gamma, beta) is gauge, a ReLU and batch norm following: (cell, 1, 1, layer, 1)."""
    # Noise put on y by hand does not scale along.
    relu = (group.cells["activation"] == "relu").to_numpy() & ("identity" in group.record)
    return (relu[:, None] & (group.layers < group.layers[-1]))[:, None, None, :, None]
