"""Tables of the cells watched in detail: every distance between whole layers, curvature, noise of examples."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift import metrics, seeds
from normshift.measure.group import Group
from normshift.measure.pairs import followers
from normshift.measure.tidy import tidy
from normshift.measure.units import median
from normshift.params import Rules

Distance = Callable[[NDArray, NDArray], NDArray]


def distances(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table: over an epoch and since the start, each with its null at the earlier snapshot."""
    seen, whole = group.optional("activations", len(group.eighths), 1, 1)
    pairs = list(_pairs(group))
    values, nulls = {}, {}
    for horizon, earlier, later in pairs:
        values[horizon, earlier, later] = _each(lambda distance, one, two: distance(one, two), whole, earlier, later)
        if earlier not in nulls:
            nulls[earlier] = _each(_null, whole, earlier, earlier)
    return pd.concat([_table(seen, pair, values[pair], nulls[pair[1]]) for pair in pairs], ignore_index=True)


def _pairs(group: Group) -> Iterator[tuple[str, int, int]]:
    """Yield horizon and places, among the points at which layers are kept, of the earlier and the later snapshot."""
    points, full = group.points[group.eighths], np.searchsorted(group.eighths, group.full)
    for earlier, later in zip(*followers(points, full, int(group.record["epoch"])), strict=True):
        yield "epoch", int(earlier), int(later)
    yield "start", 0, len(points) - 1


def _each(apart: Callable[[Distance, NDArray, NDArray], NDArray], whole: NDArray, one: int, two: int) -> NDArray:
    """Return what every metric says of two snapshots, medians over units where it looks at units: (cell, metric)."""
    pair = whole[:, one], whole[:, two]
    by_unit = [np.sort(np.swapaxes(sample, -1, -2), axis=-1) for sample in pair]
    marginal = [median(apart(distance, *by_unit)) for distance in metrics.REGISTRY.values()]
    return np.stack([*marginal, *(apart(distance, *pair) for distance in metrics.JOINT.values())], axis=-1)


def _null(distance: Distance, sample: NDArray, _: NDArray) -> NDArray:
    axis = -2 if distance in metrics.JOINT.values() else -1
    return metrics.null(distance, sample, seeds.generator("halves"), axis=axis)


def _table(group: Group, pair: tuple[str, int, int], values: NDArray, nulls: NDArray) -> pd.DataFrame:
    horizon, earlier, later = pair
    steps = group.points[group.eighths]
    axes = {"cell": group.numbers, "metric": (*metrics.REGISTRY, *metrics.JOINT)}
    return tidy(axes, step=steps[earlier], later=steps[later], horizon=horizon, value=values, null=nulls)


def curvature(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table, against 2 / lr (Cohen et al. 2021; for the batch's: Andreyev & Beneventano 2024)."""
    seen, largest = group.optional("sharpness", len(group.full))
    _, along = group.optional("batch_sharpness", len(group.full))
    rate = seen.array("rate")
    return tidy(
        {"cell": seen.numbers, "step": seen.points[seen.full]},
        sharpness=largest,
        edge=metrics.edge(largest, rate),
        batch_sharpness=along,
        batch_edge=metrics.edge(along, rate),
    )


def injected(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table of the noise that the batch's other samples inject into an example."""
    seen, noise = group.optional("example_noise", len(group.full), len(group.layers))
    axes = {"cell": seen.numbers, "step": seen.points[seen.full], "layer": seen.layers}
    return tidy(axes, example_noise=noise)
