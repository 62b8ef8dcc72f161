"""Table distances: every distance there is between whole layers, beside what it reads where nothing has moved."""

from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift import metrics, seeds
from normshift.measure.group import Group
from normshift.measure.pairs import followers
from normshift.measure.tidy import tidy
from normshift.metrics.units import median
from normshift.params import Rules

DISTANCES = {**metrics.REGISTRY, **metrics.JOINT}


def distances(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table, of cells watched in detail: over an epoch and since the start."""
    seen, whole = group.optional("activations", len(group.eighths), 0, 0)
    return pd.concat([_table(seen, whole, name, _pairs(seen)) for name in DISTANCES], ignore_index=True)


def _table(group: Group, whole: NDArray, name: str, pairs: pd.DataFrame) -> pd.DataFrame:
    steps, (earlier, later) = group.points[group.eighths], pairs[["earlier", "later"]].to_numpy().T
    found = np.array([measured(name, layers, earlier, later) for layers in whole]).reshape(len(whole), 2, len(pairs))
    return tidy(
        {"cell": group.numbers, "horizon": pairs["horizon"].to_numpy()},
        step=steps[earlier],
        later=steps[later],
        metric=name,
        value=found[:, 0],
        null=found[:, 1],
    )


def _pairs(group: Group) -> pd.DataFrame:
    """Return which snapshots are compared: horizon, and places among the points at which layers are kept."""
    points, full = group.points[group.eighths], np.searchsorted(group.eighths, group.full)
    epoch = [("epoch", *pair) for pair in zip(*followers(points, full, int(group.record["epoch"])), strict=True)]
    start = [("start", 0, len(points) - 1)] if len(points) > 1 else []
    pairs = pd.DataFrame([*epoch, *start], columns=["horizon", "earlier", "later"])
    return pairs.astype({"earlier": int, "later": int})


def measured(name: str, layers: NDArray, earlier: NDArray, later: NDArray) -> list[NDArray]:
    """Return a distance of one cell and its null at the earlier snapshots: (snapshot, sample, unit) -> (pair) twice.

    Of distances between units their median. Every cell's sample is cut in the same halves.
    """
    distance, joint = DISTANCES[name], name in metrics.JOINT
    if name == "mmd":
        distance = partial(distance, width=width(layers))
    samples = layers if joint else np.sort(np.swapaxes(layers, -1, -2), axis=-1)
    own, place = np.unique(earlier, return_inverse=True)
    apart = distance(samples[earlier], samples[later])
    halves = metrics.null(distance, samples[own], seeds.generator("halves"), axis=-2 if joint else -1)
    return [apart, halves[place]] if joint else [median(apart), median(halves)[place]]


def width(layers: NDArray) -> float:
    """Return one width of MMD's kernel for all snapshots of a cell, that of all of them pooled (section 2, rule 3)."""
    known = layers[~np.isnan(layers).any(axis=(-2, -1))]
    return float(metrics.bandwidth(np.concatenate([*known, layers[0, :0]])))
