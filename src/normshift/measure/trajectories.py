"""Table trajectories: gamma and beta of the kept units through time, of the cells whose curves are shown."""

import numpy as np
import pandas as pd

from normshift.measure.group import Group
from normshift.measure.tidy import tidy
from normshift.params import Rules
from normshift.records import STRIDE


def trajectories(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table: every few updates; no row where no gamma and beta follow the normaliser."""
    shown = group.only(group.cells["shown"].to_numpy() & group.affine)
    kept = shown.record["kept"]
    times = np.arange(0, shown.steps, STRIDE)
    paths = {name: shown.trajectory(name) if group.affine else np.nan for name in ("gamma", "beta")}
    axes = {"cell": shown.numbers, "step": times, "layer": shown.layers, "kept": np.arange(kept.shape[1])}
    return tidy(axes, unit=kept, **paths).drop(columns="kept")
