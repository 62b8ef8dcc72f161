"""Measure training against the plain loop, a process per cell, joblib and JAX: `python -m benchmarks.train [--quick]`.

Everything runs on one core. Results: benchmarks/results/train.json, and the same as tables in train.md.
"""

import argparse
import functools
import importlib.util
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import ways
from benchmarks.cells import NORMS, WIDTH, Setting
from benchmarks.extent import QUICK, Extent
from benchmarks.machine import machine
from benchmarks.results import written
from benchmarks.tables import page
from benchmarks.timing import Took, Worker, alternated, median, pinned

Row = dict[str, Any]
# normshift's own programs by the name they have in the results.
PROGRAMS = ("stacked", "mapped")


def fast_ways() -> dict[str, Callable]:
    """Return the ways that train a stack at once: those measured over the whole grid."""
    found = {name: functools.partial(ways.program, name=name) for name in PROGRAMS}
    return {**found, **({"jax": ways.jax} if importlib.util.find_spec("jax") else {})}


SLOW = {"serial": ways.serial, "process_per_cell": ways.process_per_cell, "joblib": ways.joblib, "floor": ways.floor}


@contextmanager
def workers(prepares: Mapping[str, Callable]) -> Iterator[dict[str, Worker]]:
    """Run every way in a process of its own while the context lasts."""
    started = {name: Worker(prepare) for name, prepare in prepares.items()}
    try:
        yield started
    finally:
        for worker in started.values():
            worker.close()


def per_cell_step(name: str, runs: list[Took], setting: Setting) -> Row:
    """Return a way's columns, in microseconds per cell-step: median CPU time, median wall time, range of CPU times."""
    each = [Took(1e6 * run.cpu / setting.cell_steps, 1e6 * run.wall / setting.cell_steps, run.peak) for run in runs]
    middle = median(each)
    return {
        f"{name}_us": round(middle.cpu, 1),
        f"{name}_wall_us": round(middle.wall, 1),
        f"{name}_range_us": [round(function(run.cpu for run in each), 1) for function in (min, max)],
    }


def compared(settings: Mapping[str, Setting], running: Mapping[str, Worker], rounds: int) -> Row:
    """Return the columns of several ways, measured in turn; each has its own setting."""
    ready = {name: running[name].prepare(setting) for name, setting in settings.items()}
    runs = alternated({name: running[name] for name in settings}, rounds)
    row = {key: value for name in settings for key, value in per_cell_step(name, runs[name], settings[name]).items()}
    if "jax" in ready:
        row["jax_compile_s"] = round(ready["jax"].cpu, 2)
    return row


def stack_rows(extent: Extent, running: Mapping[str, Worker]) -> list[Row]:
    """Return the fast ways over norm, width and stack."""
    rows = []
    for norm in NORMS:
        for width in extent.widths:
            for cells in extent.stacks:
                setting = extent.stack(norm, width, cells)
                ways = [name for name in running if name != "mapped" or cells >= extent.mapped_from]
                row = compared(dict.fromkeys(ways, setting), running, extent.grid_rounds)
                rows.append({"norm": norm, "width": width, "stack": cells, "steps": setting.steps, **row})
                print(rows[-1], flush=True)
    return rows


def best_stack(rows: list[Row], norm: str, width: int, name: str) -> int:
    """Return the stack at which a way took the least CPU time per cell-step."""
    own = [row for row in rows if (row["norm"], row["width"]) == (norm, width) and f"{name}_us" in row]
    return min(own, key=lambda row: row[f"{name}_us"])["stack"]


def width_rows(extent: Extent, stacks: list[Row], fast: Mapping[str, Worker], slow: Mapping[str, Worker]) -> list[Row]:
    """Return all ways over norm and width, the fast ones each at its own best stack."""
    rows = []
    for norm in NORMS:
        for width in extent.widths:
            best = {name: best_stack(stacks, norm, width, name) for name in fast}
            single = Setting(norm, width, 1, extent.single_steps)
            settings = {
                **{
                    name: extent.stack(norm, width, cells, runs=3 if width == WIDTH else 1)
                    for name, cells in best.items()
                },
                **dict.fromkeys(slow, single),
                "joblib": replace(single, **extent.jobs),
            }
            row = compared(settings, {**fast, **slow}, extent.rounds if width == WIDTH else extent.grid_rounds)
            rows.append({"norm": norm, "width": width, **{f"{name}_stack": best[name] for name in best}, **row})
            print(rows[-1], flush=True)
    return rows


def observed(extent: Extent) -> dict[str, Row]:
    """Return for each norm what training costs with the default observations and without, in turn.

    The points observed do not grow with the steps: a shorter run would show observing dearer than it is.
    """
    prepares = {
        "observed": functools.partial(ways.program, name="stacked", observing=True),
        "unobserved": functools.partial(ways.program, name="stacked"),
    }
    rows = {}
    with workers(prepares) as running:
        for norm in NORMS:
            setting = Setting(norm, WIDTH, **extent.observed)
            row = compared(dict.fromkeys(prepares, setting), running, extent.observed_rounds)
            rows[norm] = {"observed_stack": setting.cells, "observed_steps": setting.steps, **row}
    return rows


def scaling_rows(extent: Extent) -> list[Row]:
    """Return total time, in seconds, and memory, in MiB, of ever larger studies, each in one process of its own."""
    rows = []
    for count in extent.counts:
        setting = Setting("batch", WIDTH, count, 20)
        with workers({"study": ways.study}) as running:
            running["study"].prepare(setting)
            # What is short is repeated: one run would show the machine's noise.
            runs = [running["study"].run() for _ in range(extent.rounds if count < 1000 else 1)]
        middle = median(runs)
        row = {"norm": "batch", "width": WIDTH, "cells": count, "steps": setting.steps}
        row |= {"cpu_s": round(middle.cpu, 3), "wall_s": round(middle.wall, 3), "peak_mib": round(middle.peak)}
        rows.append(row | {"cpu_us": round(1e6 * middle.cpu / setting.cell_steps, 1)})
        print(rows[-1], flush=True)
    return rows


def measured(extent: Extent) -> dict[str, Any]:
    """Return all results."""
    with workers(fast_ways()) as fast:
        for worker in fast.values():
            worker.prepare(Setting("batch", WIDTH, 1, 12))  # imports, so that compiling is timed without them
        stacks = stack_rows(extent, fast)
        with workers(SLOW) as slow:
            widths = width_rows(extent, stacks, fast, slow)
    reference = {row["norm"]: row for row in widths if row["width"] == WIDTH}
    norms = {norm: {**reference[norm], **row} for norm, row in observed(extent).items()}
    return {"norm": norms, "width": widths, "stack": stacks, "scaling": scaling_rows(extent)}


def main() -> None:
    """Measure, write the results, and say where they are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--quick", action="store_true", help="one short run of each, in build/benchmarks: does it work?"
    )
    parser.add_argument("--out", type=Path, help="folder of the results")
    arguments = parser.parse_args()
    core = pinned()
    facts = machine(core)
    results = measured(QUICK if arguments.quick else Extent())
    folder = arguments.out or Path("build/benchmarks" if arguments.quick else "benchmarks/results")
    written(folder, "train", results, facts, page)


if __name__ == "__main__":
    main()
