"""Grids and clusters beyond what runs here, simulated: time, cost, and where it stops scaling."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from benchmarks.cluster_events import simulated
from benchmarks.cluster_model import Cluster, Driver, Load, Store
from benchmarks.scale_study import LONG
from normshift.engines.store.remote import AT_ONCE

Row = dict[str, Any]
CELLS = (1000, 10_000, 100_000, 1_000_000)
WORKERS = (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000)
LARGEST = 32  # cells of a stack (`memory.LARGEST`)
SEEDS = 3  # of what is random
PRICE = 0.05  # of a core hour: an example, in any currency
ALLOWED = 3  # deaths of a stack's worker until it is given up: Dask's default
# An object store that takes 300 requests a second, as some providers allow; the file server of a small cluster.
S3 = Store(latency=0.03, operations=300, at_once=AT_ONCE)
NFS = Store(latency=0.002, bandwidth=50e6)
DAY, HOUR = 86_400.0, 3600.0
AGAIN = 60.0  # until another worker is in a dead one's place
SPREAD = 0.3  # one worker in six is 1.35 times as slow as the median, or slower

SCENARIOS: dict[str, Mapping[str, Any]] = {
    "ideal": {},
    "a death a worker-day": {"between_deaths": DAY, "restart": AGAIN},
    "a death a worker-hour": {"between_deaths": HOUR, "restart": AGAIN},
    "S3, 300 requests/s": {"store": S3},
    "NFS, 50 MB/s": {"store": NFS},
    "stragglers": {"spread": SPREAD},
    "all together": {
        "between_deaths": HOUR,
        "restart": AGAIN,
        "spread": SPREAD,
        "store": replace(S3, bandwidth=NFS.bandwidth),
    },
}
# What would move the limits: the same, without a part of the driver's work.
CHANGES = {"ideal, not gathered": "ideal", "all together, not gathered": "all together"}
NAMES = (*SCENARIOS, *CHANGES)


def load(measured: Mapping[str, Any], count: int, workers: int) -> Load:
    """Return a grid of long cells, half of them with batch norm, in stacks as large as leave every worker one."""
    size = max(1, min(LARGEST, math.ceil(count / workers)))
    seconds, cells = [], []
    for norm, own in (("batch", count - count // 2), ("none", count // 2)):
        once, each, step = measured["fit"][norm]
        parts = [size] * (own // size) + [own % size] * bool(own % size)
        seconds += [once + part * (each + LONG * step) for part in parts]
        cells += parts
    record = measured["record"]
    return Load(seconds, cells, record["bytes"], inputs=record["inputs"])


def cluster(measured: Mapping[str, Any], workers: int, name: str) -> Cluster:
    """Return the cluster of a scenario: what was measured here, and what the scenario says."""
    own = {**measured["driver"], "gather": measured["record"]["gather"], "gathers": name not in CHANGES}
    start, scheduling = measured["worker"]["start"], measured["scheduling"]
    whole = Cluster(workers, start=start, scheduling=scheduling, driver=Driver(**own), allowed=ALLOWED, price=PRICE)
    return replace(whole, **SCENARIOS[CHANGES.get(name, name)])


def without(load: Load, cluster: Cluster) -> dict[str, tuple[Load, Cluster]]:
    """Return the run as it would be without each part that may limit it."""
    rounds = max(1, round(len(load.seconds) / cluster.workers))
    parts = rounds * cluster.workers  # none of them longer, and every worker has as many
    even = replace(load, seconds=[load.work / parts] * parts, cells=[sum(load.cells) / parts] * parts)
    return {
        "driver": (load, replace(cluster, driver=Driver(gathers=False))),
        "store": (load, replace(cluster, store=Store())),
        "scheduler": (load, replace(cluster, scheduling=0.0)),
        "start-up": (replace(load, inputs=0.0), replace(cluster, start=0.0)),
        "longest stack": (even, cluster),
        "deaths": (load, replace(cluster, between_deaths=math.inf)),
        "stragglers": (load, replace(cluster, spread=0.0)),
    }


def limit(load: Load, cluster: Cluster) -> str:
    """Return the part without which the run would be shortest."""
    spans = {name: simulated(*other).makespan for name, other in without(load, cluster).items()}
    return min(spans, key=lambda name: spans[name])


def point(measured: Mapping[str, Any], count: int, workers: int, name: str) -> Row:
    """Return time, efficiency, cost and phases; where they are random those of the run with the median time."""
    own, where = load(measured, count, workers), cluster(measured, workers, name)
    drawn = SEEDS if where.spread or where.between_deaths < math.inf else 1
    found = sorted((simulated(own, where, seed) for seed in range(drawn)), key=lambda run: run.makespan)[drawn // 2]
    least = load(measured, count, 1).work  # in the largest stacks, which need the least
    row = {"scenario": name, "cells": count, "workers": workers, "makespan": found.makespan, **found.phases}
    row |= {"efficiency": least / (workers * found.makespan), "utilisation": found.utilisation(workers)}
    row |= {"lost": found.lost, "given_up": found.given_up, "cost": found.cost, "core_hours": found.cost / PRICE}
    return {key: float(f"{value:.4g}") if isinstance(value, float) else value for key, value in row.items()}


def halved(workers: Sequence[int], shares: Sequence[float]) -> float:
    """Return up to how many workers efficiency is a half or more, between two counts on a logarithmic scale.

    NaN where one worker alone is below, infinity where the most are not.
    """
    if shares[0] < 0.5:
        return math.nan
    for (low, high), (above, below) in zip(pairwise(workers), pairwise(shares), strict=True):
        if below < 0.5:
            return math.exp(math.log(low) + (above - 0.5) / (above - below) * math.log(high / low))
    return math.inf


def limited(measured: Mapping[str, Any], own: Sequence[Row]) -> Row:
    """Return of a scenario's runs of a grid how many workers are half busy, what limits it there, and its best time."""
    name, count = own[0]["scenario"], own[0]["cells"]
    most = halved([row["workers"] for row in own], [row["efficiency"] for row in own])
    at = round(min(max(1.0, most), WORKERS[-1])) if not math.isnan(most) else 1
    best = min(own, key=lambda row: row["makespan"])
    row = {"scenario": name, "cells": count, "half_busy": 0 if math.isnan(most) else at, "to_the_end": math.isinf(most)}
    row |= {"limit": limit(load(measured, count, at), cluster(measured, at, name))}
    return row | {"best_workers": best["workers"], "best_makespan": best["makespan"]}


def swept(measured: Mapping[str, Any], counts: Sequence[int] = CELLS) -> Row:
    """Return every run of the sweep, and the limits of every scenario and grid."""
    grids = [(count, name) for name in NAMES for count in counts]
    each = [[point(measured, count, workers, name) for workers in WORKERS] for count, name in grids]
    return {"points": sum(each, []), "limits": [limited(measured, own) for own in each]}
