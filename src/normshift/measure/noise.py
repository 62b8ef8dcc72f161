"""Table noise: how far a batch statistic moves between mini-batches at fixed weights, and drift measured by it."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift.measure.group import Group
from normshift.measure.pairs import FULL, STEP, TEN, followers
from normshift.measure.tidy import tidy
from normshift.metrics import drift_to_noise, horizon
from normshift.params import Rules


def noise(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table, at full points; ratios are missing where batches do not differ (measurement: 1.8, C)."""
    spread = group.at_sites(group.array("noise"), axis=3)
    drift, steps = drifts(group)
    ratios = drift_to_noise(drift, spread[..., :1])
    ascending = np.argsort(steps, kind="stable")
    until, censored = horizon(drift[..., ascending], steps[ascending], rules.noise)
    return tidy(
        {"cell": group.numbers, "step": group.points[group.full], "layer": group.layers, "site": group.sites},
        **{name: spread[..., place] for place, name in enumerate(("mean_noise", "sd_noise", "mean_noise_raw"))},
        **{f"ratio_{name}": ratios[..., place] for place, name in enumerate(("step", "ten", "epoch"))},
        horizon=until,
        censored=censored,
    )


def drifts(group: Group) -> tuple[NDArray, NDArray]:
    """Return |d mean| in sigma from each full point: (cell, full, layer, site, k), and the k: a step, ten, an epoch."""
    shift = group.at_sites(group.array("shift")[..., 0], axis=4)
    steps = np.array([1, TEN, int(group.record["epoch"])])
    drift = np.full((*shift[:, group.full, STEP].shape, len(steps)), np.nan)
    drift[..., 0] = shift[:, group.full, STEP]
    for place in (1, 2):
        earlier, later = followers(group.points, group.full, steps[place])
        drift[..., place][:, np.searchsorted(group.full, earlier)] = shift[:, later, FULL]
    return drift, steps
