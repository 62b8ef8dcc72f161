"""Measure what engines cost beside training: `python -m benchmarks.engines [--quick]`.

Equal stacks are trained by each engine with two workers, in turn. Of the time between the first stack's begin and the
last one's end, whatever no worker spent in training is the engine's; starting workers and compiling is told apart.
Results: benchmarks/results/engines.json, and engines.md.
"""

import argparse
import statistics
import time
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.cells import Setting, grid, shuffled
from benchmarks.machine import machine
from benchmarks.results import measured_on, table, written
from normshift.crew import Done, Needs
from normshift.engines import REGISTRY as ENGINES
from normshift.params import Engine, Jobs, Tls
from normshift.train.finish import loaded
from normshift.train.loop import train
from normshift.train.where import machine as kind
from normshift.train.worker import one_thread

WORKERS, EACH, ROUNDS = 2, 3, 3  # stacks for each worker, rounds over all engines
STACK, QUICK = Setting("batch", 100, 32, 1000), Setting("batch", 100, 8, 50)
HERE = Engine(
    "here", "here", WORKERS, 8.0, None, None, "127.0.0.1", 0, 60.0, Tls(None, None, None),
    Jobs(None, None, "1:00:00", [], []),
)  # fmt: skip
NEEDS = Needs(2**20, loaded, partial(kind, "cpu"))

PAGE = """# Engines: what they cost beside training

Written by `python -m benchmarks.engines`. {machine}

{stacks} equal stacks of {cells} cells and {steps} updates, {workers} workers, {rounds} rounds in turn. Cost: what of
the workers' time between the first begin and the last end was not spent in training, relative to what was. Medians;
seconds are wall time.

{table}
"""


class Trained(NamedTuple):
    """When a stack was begun and ended, in seconds of the machine's clock."""

    begin: float
    end: float


def trained(setting: Setting) -> Trained:
    """Train a stack."""
    one_thread()
    data = shuffled(setting.steps)
    begin = time.time()
    train(list(grid(setting)), data)
    return Trained(begin, time.time())


def took(name: str, setting: Setting) -> dict[str, float]:
    """Return how long an engine's workers took to start, a stack took, and the engine's share of the time."""
    called = time.time()
    with ENGINES[name](HERE, NEEDS) as crew:
        list(crew.run(trained, [QUICK] * WORKERS))  # so that each has loaded and compiled everything
        ready = time.time()
        outcomes = list(crew.run(trained, [setting] * (WORKERS * EACH)))
    each = [outcome.result for outcome in outcomes if isinstance(outcome, Done)]
    spent = sum(end - begin for begin, end in each)
    whole = WORKERS * (max(end for _, end in each) - min(begin for begin, _ in each))
    return {"start": ready - called, "stack": spent / len(each), "cost": whole / spent - 1}


def results(names: list[str], setting: Setting, rounds: int) -> list[dict[str, Any]]:
    """Return the medians of each engine."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for number in range(rounds):
        for name in names if number % 2 else reversed(names):
            found[name].append(took(name, setting))
            print(name, {key: round(value, 3) for key, value in found[name][-1].items()}, flush=True)
    return [_row(name, each) for name, each in found.items()]


def _row(name: str, each: list[dict[str, float]]) -> dict[str, Any]:
    middle = {key: statistics.median(one[key] for one in each) for key in each[0]}
    costs = [f"{100 * one['cost']:.1f}" for one in each]
    own = {"cost_percent": round(100 * middle["cost"], 1), "costs_percent": ", ".join(costs)}
    return {"engine": name, "start_s": round(middle["start"], 1), "stack_s": round(middle["stack"], 1), **own}


COLUMNS = {
    "engine": "engine",
    "start_s": "start and load, s",
    "stack_s": "a stack, s",
    "cost_percent": "cost, %",
    "costs_percent": "of each round, %",
}


def page(whole: dict[str, Any]) -> str:
    """Return the results as a page."""
    setting = whole["setting"]
    numbers = {"stacks": WORKERS * EACH, "workers": WORKERS, "rounds": whole["rounds"], **setting}
    return PAGE.format(
        machine=measured_on(whole["machine"], "two are used", "2 of it"),
        table=table(whole["engines"], COLUMNS),
        **numbers,
    )


def main() -> None:
    """Measure, and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small stacks, one round, results in build/benchmarks")
    parser.add_argument("--engine", action="append", choices=("local", "dask"), help="this one alone")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="over all engines, in turn")
    given = parser.parse_args()
    facts, setting, rounds = machine(0), QUICK if given.quick else STACK, 1 if given.quick else given.rounds
    rows = results(given.engine or ["local", "dask"], setting, rounds)
    found = {"engines": rows, "rounds": rounds, "setting": {"cells": setting.cells, "steps": setting.steps}}
    written(Path("build/benchmarks" if given.quick else "benchmarks/results"), "engines", found, facts, page)


if __name__ == "__main__":
    main()
