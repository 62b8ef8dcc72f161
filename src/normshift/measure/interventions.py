"""Tables of what parts of an update do: attribution, composition; and of what single examples do."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift.measure.group import Group
from normshift.measure.pairs import STEP, horizons
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
    """Return the table, at the second full point, or the only one, if there are any."""
    composed = slice(1, 2) if len(group.full) > 1 else slice(None)
    loss = group.array("composition")[:, composed]
    none, upper, affine, _, lower, outer, _, every = np.moveaxis(loss, -1, 0)  # which of (lower, affine, upper) moved
    total, lower, affine, upper = (moved - none for moved in (every, lower, affine, upper))
    return tidy(
        {"cell": group.numbers, "step": group.points[group.full[composed]], "lag": LAGS},
        total=total,
        lower=lower,
        affine=affine if group.affine else np.nan,
        upper=upper,
        interference=total - lower - affine - upper,
        lower_upper=outer - none - lower - upper,
    )


def examples(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table, horizons as in table shifts; over a step at full points."""
    seen, points, full = group.array("examples"), group.points, group.full
    parts = [_moved(group, "step", seen[:, full, STEP], points[full], points[full] + 1)]
    for horizon, (place, earlier, later) in horizons(group).items():
        parts.append(_moved(group, horizon, seen[:, later, place], points[earlier], points[later]))
    return pd.concat(parts, ignore_index=True)


def _moved(group: Group, horizon: str, seen: NDArray, steps: NDArray, later: NDArray) -> pd.DataFrame:
    return tidy(
        {"cell": group.numbers, "step": steps, "layer": group.layers},
        later=later[:, None],
        horizon=horizon,
        displacement=seen[..., 0],
        share=seen[..., 1],
    )
