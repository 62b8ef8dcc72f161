"""Table shifts: how far the distribution of each layer's activations moved between two snapshots."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift.measure.group import Group
from normshift.measure.pairs import STEP, horizons
from normshift.measure.sites import AFTER, BEFORE, least_sigma, sketches
from normshift.measure.tidy import tidy
from normshift.metrics.unit_distances import DISTANCES, unit_distances
from normshift.params import Rules

MOMENTS = ("mean_shift", "sd_shift", "mean_shift_raw")


@dataclass(frozen=True)
class Snapshots:
    """Sketches by site at all points before, at full points after the update; least sigma that counts by site."""

    before: dict[str, NDArray]
    after: dict[str, NDArray]
    least: dict[str, NDArray | float]


def shifts(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table: over a step, ten, an epoch and since the start; on the second probe at full points only."""
    exact = [sketches(group, state, exact=True) for state in (BEFORE, AFTER)]
    seen = Snapshots(*exact, least_sigma(group))
    apart = [_apart(group, seen, horizon, *pairs) for horizon, pairs in horizons(group).items()]
    return pd.concat([_step(group, seen), *apart, _second(group)], ignore_index=True)


def _step(group: Group, seen: Snapshots) -> pd.DataFrame:
    moments = group.array("shift")[:, :, STEP]
    apart = np.full((*moments.shape[:3], len(group.sites), len(DISTANCES)), np.nan)
    apart[:, group.full] = _by_site(group, seen, group.full, seen.after, slice(None), group.full)
    return _table(group, "step", "first", group.points, group.points + 1, moments, apart)


def _apart(group: Group, seen: Snapshots, horizon: str, place: int, earlier: NDArray, later: NDArray) -> pd.DataFrame:
    moments = group.array("shift")[:, later, place]
    apart = _by_site(group, seen, earlier, seen.before, later, later)
    return _table(group, horizon, "first", group.points[earlier], group.points[later], moments, apart)


def _second(group: Group) -> pd.DataFrame:
    seen, steps = group.array("shift_second"), group.points[group.full]
    epoch = int(group.record["epoch"])
    followed = np.isin(steps + epoch, group.points)
    begin = np.full_like(steps[1:], steps[0])
    pairs = {
        "step": (seen[:, :, 0], steps, steps + 1),
        "epoch": (seen[:, followed, 1], steps[followed], steps[followed] + epoch),
        "start": (seen[:, 1:, 2], begin, steps[1:]),
    }
    frames = []
    for horizon, (moments, earlier, later) in pairs.items():
        apart = np.full((*moments.shape[:3], len(group.sites), len(DISTANCES)), np.nan)
        frames.append(_table(group, horizon, "second", earlier, later, moments, apart))
    return pd.concat(frames, ignore_index=True)


def _by_site(
    group: Group, seen: Snapshots, earlier: NDArray, others: dict[str, NDArray], later: NDArray | slice, floor: NDArray
) -> NDArray:
    """Return the distances between two snapshots: (cell, pair, layer, site, distance)."""
    least = {site: value if isinstance(value, float) else value[:, floor] for site, value in seen.least.items()}
    pairs = ((seen.before[site][:, earlier], others[site][:, later], least[site]) for site in group.sites)
    return np.stack([unit_distances(*pair) for pair in pairs], axis=3)


def _table(
    group: Group, horizon: str, probe: str, steps: NDArray, later: NDArray, moments: NDArray, apart: NDArray
) -> pd.DataFrame:
    moments = group.at_sites(moments, axis=3)
    return tidy(
        {"cell": group.numbers, "step": steps, "layer": group.layers, "site": group.sites},
        later=later[:, None, None],
        horizon=horizon,
        mode="batch",
        probe=probe,
        **{name: moments[..., place] for place, name in enumerate(MOMENTS)},
        **{name: apart[..., place] for place, name in enumerate(DISTANCES)},
    )
