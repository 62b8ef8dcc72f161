"""Real runs of the stage `train` into an empty store, and what the simulation says of them beforehand."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.cluster_events import simulated
from benchmarks.cluster_model import Cluster, Driver, Load
from benchmarks.scale_formula import fitted
from benchmarks.scale_study import NORMS, STUDY, Extent, cells, composed, engaged, written
from benchmarks.scale_times import cores, gathering, stacked
from benchmarks.timing import Took, took
from normshift.engines.store import Folder
from normshift.folders import Folders
from normshift.train import worker
from normshift.train.digest import digests
from normshift.train.where import machine

Row = dict[str, Any]


def command(root: Path) -> Took:
    """Return what the stage's own command takes, on what is configured below a root."""
    path = os.pathsep.join(str(Path(place).resolve()) for place in sys.path if place)
    how = {"cwd": root, "check": True, "env": {**os.environ, "PYTHONPATH": path}, "stderr": subprocess.DEVNULL}
    return took(lambda: bool(subprocess.run([sys.executable, "-m", "normshift.train", f"study={STUDY}"], **how)))


def run(folders: Folders, extent: Extent, engine: str) -> Row:
    """Return the seconds and stacks of a run for each number of workers; and the driver's, with nothing to train."""
    store, rows = folders.root / "build" / "cells", []
    for count in extent.workers:
        written(engaged(composed(extent, extent.steps), engine, count, extent.stack), folders)
        shutil.rmtree(store, ignore_errors=True)
        before, own, after = cores(count), command(folders.root), cores(count)
        row = {"workers": count, "steps": extent.steps, "seconds": own.wall, "cpu": own.cpu}
        row |= {"cores": (before + after) / 2, "stacks": stacks(folders, extent, engine, count)}
        rows.append(row)
    again, config = command(folders.root), composed(extent, extent.steps)
    own = cells(config)
    addresses = digests(own, worker.opened(folders.shuffled, own), config.train, machine(config.train.device))
    gather = gathering(own, addresses, Folder(store), folders.root / "gathered")
    return {"rows": rows, "driver": {"cells": len(own), "again": again.wall, "again_cpu": again.cpu, "gather": gather}}


def stacks(folders: Folders, extent: Extent, engine: str, workers: int) -> list[tuple[str, int]]:
    """Return the norm and the number of cells of each stack that the stage will make, in its order."""
    config = engaged(composed(extent, extent.steps), engine, workers, extent.stack)
    own = cells(config)
    todo = stacked(config, own, folders, Folder(folders.root / "nothing"))
    return [(task.cells[0].norm.name, len(task.cells)) for task in todo]


def driver(measured: Mapping, run: Mapping, again: str = "again_cpu") -> Driver:
    """Return the driver: of a command with nothing to train, its start is what its cells do not explain."""
    prepare, gather = measured["prepare"], run["gather"]
    return Driver(run[again] - run["cells"] * (prepare + gather), prepare, gather)


def predicted(row: Mapping, measured: Mapping, run: Mapping, engine: str) -> Row:
    """Return the seconds that the simulation gives a run of a number of workers and its stacks, and its CPU time."""
    seconds, formula = [], {norm: fitted(measured["stacks"], norm) for norm in NORMS}
    for norm, count in row["stacks"]:
        once, each, step = formula[norm]
        seconds.append(once + count * (each + step * row["steps"] + measured["worker"]["put"]))
    workers, start = min(row["workers"], len(seconds)), measured["worker"]["start"]
    scheduling = 0.0 if engine == "local" else measured["scheduling"]
    cluster = Cluster(workers, row["cores"], start, scheduling=scheduling, driver=driver(measured, run, "again"))
    found = simulated(Load(seconds, [count for _, count in row["stacks"]]), cluster)
    return {"predicted": found.makespan, "predicted_cpu": run["again_cpu"] + workers * start + sum(seconds)}
