"""Tables of the cells watched in detail: every distance between whole layers, curvature, noise of examples."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift import metrics, seeds
from normshift.measure.group import Group
from normshift.measure.pairs import followers
from normshift.measure.tidy import tidy
from normshift.measure.units import median
from normshift.params import Rules


def distances(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table: over an epoch and since the start, each with its null at the earlier snapshot."""
    seen, whole = group.optional("activations", len(group.eighths), 0, 0)
    return pd.concat([_pair(seen, whole, *pair) for pair in _pairs(group)], ignore_index=True)


def _pairs(group: Group) -> Iterator[tuple[str, int, int]]:
    """Yield horizon and places, among the points at which layers are kept, of the earlier and the later snapshot."""
    points, full = group.points[group.eighths], np.searchsorted(group.eighths, group.full)
    for earlier, later in zip(*followers(points, full, int(group.record["epoch"])), strict=True):
        yield "epoch", int(earlier), int(later)
    yield "start", 0, len(points) - 1


def _pair(group: Group, whole: NDArray, horizon: str, earlier: int, later: int) -> pd.DataFrame:
    before, after = whole[:, earlier], whole[:, later]
    names, values, nulls = [], [], []
    for name, distance in {**metrics.REGISTRY, **metrics.JOINT}.items():
        draw = seeds.generator("halves", name)
        one, two = (_by_unit(before), _by_unit(after)) if name in metrics.REGISTRY else (before, after)
        halves = metrics.null(distance, one, draw)
        apart = distance(one, two)
        names.append(name)
        values.append(median(apart) if name in metrics.REGISTRY else apart)
        nulls.append(median(halves) if name in metrics.REGISTRY else halves)
    steps = group.points[group.eighths]
    return tidy(
        {"cell": group.numbers, "metric": names},
        step=steps[earlier],
        later=steps[later],
        horizon=horizon,
        value=np.stack(values, axis=-1),
        null=np.stack(nulls, axis=-1),
    )


def _by_unit(whole: NDArray) -> NDArray:
    """Return each unit's sample in ascending order: (cell, sample, unit) -> (cell, unit, sample)."""
    return np.sort(np.swapaxes(whole, -1, -2), axis=-1)


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
