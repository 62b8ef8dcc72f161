"""Tables of what parts of an update do: attribution, composition; and of what single examples do."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift.measure.group import Group
from normshift.measure.pairs import TEN, followers
from normshift.measure.shifts import FULL, START, STEP
from normshift.measure.tidy import tidy
from normshift.params import Rules
from normshift.tables import CAUSES, LAGS


def attribution(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table, layers from the second on: nothing lies below the first."""
    seen = group.array("attribution")[:, :, 1:]
    steps, layers = group.points[group.full], group.layers[1:]
    return tidy(
        {"cell": group.numbers, "step": steps, "layer": layers, "site": ("u", "y"), "cause": CAUSES},
        mean_shift=seen[..., 0],
        sd_shift=seen[..., 1],
    )


def composition(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table, at the full points between the first and the last."""
    loss = group.array("composition")
    none, upper, affine, _, lower, outer, _, every = np.moveaxis(loss, -1, 0)  # which of (lower, affine, upper) moved
    alone = {"lower": lower - none, "affine": affine - none, "upper": upper - none}
    table = tidy(
        {"cell": group.numbers, "step": group.points[group.full], "lag": LAGS},
        total=every - none,
        **alone,
        interference=every - none - sum(alone.values()),
        lower_upper=outer - none - alone["lower"] - alone["upper"],
    )
    inside = group.points[group.full[1:-1] if len(group.full) > 2 else group.full]
    return table[table["step"].isin(inside)]


def examples(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table, horizons as in table shifts; over a step at full points."""
    seen, epoch = group.array("examples"), int(group.record["epoch"])
    everything = np.arange(1, len(group.points))
    pairs = {
        "ten": (FULL, *followers(group.points, group.full, TEN)),
        "epoch": (FULL, *followers(group.points, group.full, epoch)),
        "start": (START, np.zeros_like(everything), everything),
    }
    parts = [_moved(group, "step", seen[:, group.full, STEP], group.points[group.full], group.points[group.full] + 1)]
    for horizon, (place, earlier, later) in pairs.items():
        parts.append(_moved(group, horizon, seen[:, later, place], group.points[earlier], group.points[later]))
    return pd.concat(parts, ignore_index=True)


def _moved(group: Group, horizon: str, seen: NDArray, steps: NDArray, later: NDArray) -> pd.DataFrame:
    axes = {"cell": group.numbers, "step": steps, "layer": group.layers}
    columns = {"displacement": seen[..., 0], "share": seen[..., 1]}
    return tidy(axes, later=later[:, None], horizon=horizon, **columns)
