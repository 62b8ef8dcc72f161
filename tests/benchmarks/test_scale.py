"""The sweep finds what was put into it, and the page shows it."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import scale_runs, scale_sweep, scale_times
from benchmarks.cluster_model import Cluster, Driver, Load, Store
from benchmarks.scale import simulated
from benchmarks.scale_formula import fitted, middle
from benchmarks.scale_page import page
from benchmarks.scale_study import LONG, NORMS, QUICK, cells, composed, prepared
from benchmarks.scale_sweep import LARGEST, halved, limit, limited, load, point

FIT = {"batch": [0.1, 0.05, 2e-4], "none": [0.1, 0.04, 1e-4]}
MEASURED = {
    "fit": FIT,
    "worker": {"start": 3.0, "put": 0.002},
    "record": {"bytes": 7e4, "memory": 8e4, "inputs": 2e6, "gather": 0.003, "take": 0.002},
    "driver": {"start": 2.0, "prepare": 2e-4, "gather": 0.0, "gathers": True},
    "prepare": 2e-4,
    "scheduling": 0.002,
}
ROUND = {
    "measured": {
        **MEASURED,
        "stacks": [
            {"norm": norm, "cells": count, "steps": steps, "seconds": a + count * (b + c * steps)}
            for norm, (a, b, c) in FIT.items()
            for count, steps in ((1, 300), (8, 300), (8, 1000))
        ],
    },
    "run": {
        "rows": [
            {
                "workers": count,
                "steps": 300,
                "seconds": 9.0,
                "cpu": 8.0,
                "cores": cores,
                "stacks": [["batch", 8], ["none", 8]],
            }
            for count, cores in ((1, 1.0), (2, 1.5))
        ],
        "driver": {"cells": 16, "again": 3.0, "again_cpu": 2.5, "gather": 0.003},
    },
}
FACTS = {"processor": "p", "caches": {}, "cores": 2, "memory_gib": 1, "system": "s", "python": "3", "versions": {}}
FACTS |= {"began": "then", "ended": "now", "load_at_begin": 0.1, "load_at_end": 0.2}


@given(st.integers(1, 5000), st.integers(1, 3000))
def test_a_grid_is_cut_into_stacks_that_leave_every_worker_one_where_they_can(count, workers):
    own = load(MEASURED, count, workers)
    assert sum(own.cells) == count and 1 <= max(own.cells) <= LARGEST
    assert len(own.cells) >= min(workers, count) / 2
    for seconds, size in zip(own.seconds, own.cells, strict=True):
        expected = (a + size * (b + LONG * c) for a, b, c in FIT.values())
        assert any(seconds == pytest.approx(one) for one in expected)


def test_a_stack_of_known_times_gives_back_its_formula():
    for norm, known in FIT.items():
        assert fitted(ROUND["measured"]["stacks"], norm) == pytest.approx(known)


def test_the_middle_of_rounds_is_each_numbers_own_median():
    rounds = [{"a": [1.0, {"b": value}], "norm": "batch"} for value in (5.0, 1.0, 2.0)]
    assert middle(rounds) == {"a": [1.0, {"b": 2.0}], "norm": "batch"}


@given(st.lists(st.floats(0, 1), min_size=9, max_size=9))
def test_efficiency_is_a_half_where_the_line_between_two_counts_says_so(shares):
    workers = scale_sweep.WORKERS
    found = halved(workers, shares)
    below = [count for count, share in zip(workers, shares, strict=True) if share < 0.5]
    if shares[0] < 0.5:
        assert math.isnan(found)
    elif not below:
        assert found == math.inf
    else:
        place = workers.index(below[0])
        between = np.interp(math.log(found), np.log(workers[place - 1 : place + 1]), shares[place - 1 : place + 1])
        assert workers[place - 1] <= found * (1 + 1e-9) and found <= below[0] * (1 + 1e-9)
        assert between == pytest.approx(0.5)


STACKS = Load([1.0] * 100, [1] * 100, record=1.0)
PARTS = {
    "driver": {"driver": Driver(gather=1.0)},
    "store": {"store": Store(bandwidth=1.0)},
    "scheduler": {"scheduling": 1.0},
    "start-up": {"start": 50.0},
    "deaths": {"between_deaths": 0.3},
    "stragglers": {"spread": 2.0},
}


@pytest.mark.parametrize("part", PARTS)
def test_what_limits_a_run_is_the_part_that_is_slow(part):
    assert limit(STACKS, Cluster(50, **PARTS[part])) == part


def test_one_long_stack_limits_a_run():
    assert limit(replace(STACKS, seconds=[90.0] + [1.0] * 99), Cluster(50)) == "longest stack"


def test_more_workers_are_less_efficient():
    rows = [point(MEASURED, 1000, workers, "ideal") for workers in (1, 10, 100, 1000)]
    for less, more in zip(rows, rows[1:], strict=False):
        assert more["efficiency"] < less["efficiency"] <= 1
    own = limited(MEASURED, rows)
    assert own["scenario"] == "ideal" and not own["to_the_end"] and own["half_busy"] < 100


def test_a_prediction_is_what_two_stacks_take_by_hand():
    batch, none = (a + 8 * (b + 300 * c + 0.002) for a, b, c in (FIT["batch"], FIT["none"]))
    run = ROUND["run"]
    alone, beside = (scale_runs.predicted(row, ROUND["measured"], run["driver"], "local") for row in run["rows"])
    assert alone["predicted"] == pytest.approx(3.0 + 3.0 + batch + none)
    assert beside["predicted_cpu"] == pytest.approx(2.5 + 2 * 3.0 + batch + none)
    # Two starts and what the shorter stack shares go at 1.5 of 2; what is left of the longer at 1.
    assert beside["predicted"] == pytest.approx(3.0 + (2 * 3 + 2 * none) / 1.5 + batch - none)


@pytest.mark.slow
def test_the_page_shows_every_scenario():
    found = simulated({"machine": FACTS, "rounds": {"local": [ROUND] * 3}}, (100,))
    assert {row["cells"] for row in found["swept"]["points"]} == {100}
    shown = page(found)
    for name in scale_sweep.NAMES:
        assert f"| {name} |" in shown


@pytest.mark.slow
def test_runs_are_measured_predicted_and_made(tmp_path):
    folders = prepared(tmp_path / "root", QUICK)
    found = scale_times.measured(folders, replace(QUICK, tasks=10))
    assert len(cells(composed(QUICK, QUICK.steps))) == QUICK.seeds * 8
    assert {row["norm"] for row in found["stacks"]} == set(NORMS) and all(row["seconds"] > 0 for row in found["stacks"])
    run = scale_runs.run(folders, QUICK, "local")
    for row in run["rows"]:
        assert sum(count for _, count in row["stacks"]) == run["driver"]["cells"]
        assert scale_runs.predicted(row, found, run["driver"], "local")["predicted"] > 0
