"""Table bands: quantiles of the kept units through time, of the cells whose curves are shown."""

import numpy as np
import pandas as pd

from normshift import metrics
from normshift.measure.group import Group
from normshift.measure.sites import BEFORE, sketches
from normshift.measure.tidy import tidy
from normshift.params import Rules

SITES = ("u", "y", "a")


def bands(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table: first probe, batch mode, every point (Ioffe & Szegedy 2015, Fig. 1)."""
    shown = group.only(group.cells["shown"].to_numpy())
    seen = sketches(shown, BEFORE)
    values = metrics.quantile_band(np.stack([seen[site] for site in SITES], axis=-2))
    kept = shown.record["kept"]
    axes = {"cell": shown.numbers, "step": shown.points, "layer": shown.layers, "kept": np.arange(kept.shape[1])}
    levels = {name: values[..., place] for place, name in enumerate(("q15", "q50", "q85"))}
    return tidy({**axes, "site": SITES}, unit=kept[:, :, None], **levels).drop(columns="kept")
