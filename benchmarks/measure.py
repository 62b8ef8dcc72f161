"""Measure the stage `measure` on as many cells as the default studies have: `python -m benchmarks.measure [--quick]`.

A few cells are trained; their records, every number a little off, stand for those of all. Each study is then measured
by the command that `dvc repro` calls, one after the other. Results: benchmarks/results/measure.json, and measure.md.
"""

import argparse
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from benchmarks.cells import WIDTH, Setting, grid, shuffled
from benchmarks.machine import machine
from benchmarks.results import measured_on, table, written
from benchmarks.timing import pinned, took
from normshift import records, tables
from normshift.configure.__main__ import compose
from normshift.configure.resolve import dumped
from normshift.folders import Folders
from normshift.grid import Planned
from normshift.measure import BUILDERS
from normshift.measure.group import described, groups
from normshift.params import Cell, Config
from normshift.records import PLAN, Record
from normshift.train.gather import cells_table, file_name
from normshift.train.loop import train

# Cells of each study of the default run (LOG.md), and how many of them are watched in detail.
STUDIES = {"core": 1152, "ladder": 480, "order": 420, "affine": 192, "noise": 96, "init": 96, "optimiser": 144}
STUDIES |= {"schedule": 96, "depth": 320, "freeze": 144, "batch_size": 72, "regression": 72, "affine_lr": 72}
STUDIES |= {"ema": 24, "mechanism": 504, "null": 24}
DETAIL = 48
# Of three cells two have batch norm, as in the default run.
NORMS = ("none", "batch", "batch")
SEEDS, RATES = 16, (0.01, 0.03, 0.1)


def planned(count: int, detail: int, steps: int) -> list[Planned]:
    """Return the cells of a study, those watched in detail first."""
    base = grid(Setting("none", WIDTH, 1, steps))[0]
    norms = {norm: grid(Setting(norm, WIDTH, 1, steps))[0].norm for norm in NORMS}
    return [
        Planned(
            replace(
                base,
                norm=norms[NORMS[number % len(NORMS)]],
                seed=number % SEEDS,
                lr=RATES[number // SEEDS % len(RATES)],
                watch="detail" if number < detail else "plain",
            ),
            "judged" if number % SEEDS < 12 else "tuning",
        )
        for number in range(count)
    ]


def trained(kinds: Sequence[Cell], each: int) -> dict[str, list[Record]]:
    """Return records of a few cells of each kind, by the name of the file that cells of the kind lie in."""
    made = {}
    for kind in kinds:
        some = [replace(kind, seed=seed, lr=RATES[seed % len(RATES)]) for seed in range(each)]
        made[file_name(kind)] = train(some, shuffled(kind.steps))[0]
    return made


def repeated(some: Sequence[Record], numbers: Sequence[int], draw: np.random.Generator) -> Record:
    """Return the file of cells with these numbers: records in turn, each number off by about a hundredth."""
    made = {"cell": np.array(numbers, np.int32), **{name: some[0][name] for name in PLAN}}
    for name in some[0].keys() - PLAN.keys():
        array = np.stack([some[place % len(some)][name] for place in range(len(numbers))])
        if array.dtype.kind == "f":
            array = (array * (1 + 0.01 * draw.standard_normal(array.shape, np.float32))).astype(array.dtype)
        made[name] = array
    return made


def prepared(root: Path, studies: Mapping[str, int], detail: int, steps: int) -> Config:
    """Write configuration, records and table cells of some studies below a root; return the configuration."""
    config = compose(Path.cwd())
    study = replace(config.studies["core"], grids=[], detail=[])
    config = replace(config, studies=dict.fromkeys(studies, study))
    folders = Folders(root)
    folders.config.parent.mkdir(parents=True)
    folders.config.write_text(dumped(config), encoding="utf-8")
    (root / "dvc.yaml").touch()  # where stages take a checkout to be
    draw, some = np.random.default_rng(0), {}
    for number, (name, count) in enumerate(studies.items()):
        points = planned(count, detail if number == 0 else 0, steps)
        kinds = {file_name(point.cell): point.cell for point in points}
        some |= trained([cell for file, cell in kinds.items() if file not in some], 6)
        cells = cells_table(points, [str(place) for place in range(count)])
        for file in kinds:
            numbers = cells.loc[cells["record"] == file, "cell"].tolist()
            records.write(repeated(some[file], numbers, draw), folders.runs(name) / f"{file}.npz")
        tables.write(cells, "cells", folders.runs(name))
    return config


def stage_rows(root: Path, studies: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """Yield what the stage takes for each study, in seconds."""
    for name, count in studies.items():
        command = [sys.executable, "-m", "normshift.measure", f"study={name}"]
        run = took(
            lambda command=command: bool(subprocess.run(command, cwd=root, check=True, stdout=subprocess.DEVNULL))
        )
        yield {"study": name, "cells": count, "cpu_s": round(run.cpu, 2), "wall_s": round(run.wall, 2)}
        print(f"{name}: {run.cpu:.1f} s CPU", flush=True)


def table_rows(root: Path, config: Config, name: str, cells: int) -> list[dict[str, Any]]:
    """Return what each table of a study takes: CPU time, rows and bytes a cell; the largest first."""
    folders, rules = Folders(root), config.claims.rules
    listed = described(tables.read("cells", folders.runs(name)), config.studies[name])
    read = {record: records.read(folders.runs(name) / f"{record}.npz") for record in listed["record"].unique()}
    spent, rows = Counter(), []
    for part in groups(read, listed):
        for table_name, build in BUILDERS.items():
            begin = time.process_time()
            build(part, rules)
            spent[table_name] += time.process_time() - begin
    for table_name in BUILDERS:
        path = folders.shifts(name) / f"{table_name}.parquet"
        row = {"table": table_name, "cpu_ms": round(1e3 * spent[table_name] / cells, 2)}
        row |= {"rows": round(len(pd.read_parquet(path)) / cells, 1), "bytes": round(path.stat().st_size / cells)}
        rows.append(row)
    return sorted(rows, key=lambda row: -row["bytes"])


PAGE = """# Measuring: a metric has changed

Written by `python -m benchmarks.measure`. {machine}

{cells:,} cells of the reference network, {steps:,} updates each, two thirds of them with batch norm, {detail} watched
in detail; records take {records:.0f} MB, tables {tables:.1f} MB. One process per study, as `dvc repro` starts them, one
after the other, on one core: **{cpu:.0f} s of CPU time, {wall:.0f} s of wall time**.

{studies}

## By table, study {largest}

{rows}
"""


def page(results: Mapping[str, Any]) -> str:
    """Return the results as a page."""
    studies, rows = results["studies"], results["tables"]
    seconds = {"study": "study", "cells": "cells", "cpu_s": "CPU time, s", "wall_s": "wall time, s"}
    each = {"table": "table", "cpu_ms": "CPU time a cell, ms", "rows": "rows a cell", "bytes": "bytes a cell"}
    return PAGE.format(
        machine=measured_on(results["machine"]),
        cells=sum(row["cells"] for row in studies),
        steps=results["steps"],
        detail=results["detail"],
        records=results["records_bytes"] / 1e6,
        tables=results["tables_bytes"] / 1e6,
        cpu=sum(row["cpu_s"] for row in studies),
        wall=sum(row["wall_s"] for row in studies),
        studies=table(studies, seconds),
        largest=studies[0]["study"],
        rows=table(rows, each),
    )


def measured(root: Path, studies: Mapping[str, int], detail: int, steps: int) -> dict[str, Any]:
    """Return all results; what is made for them below ``root`` is removed."""
    shutil.rmtree(root, ignore_errors=True)
    config = prepared(root, studies, detail, steps)
    rows = list(stage_rows(root, studies))
    largest = next(iter(studies))
    each = table_rows(root, config, largest, studies[largest])
    kept = {
        name: sum(path.stat().st_size for path in (root / "data" / name).rglob("*.*")) for name in ("runs", "shifts")
    }
    shutil.rmtree(root)
    sizes = {"records_bytes": kept["runs"], "tables_bytes": kept["shifts"]}
    return {"studies": rows, "tables": each, "steps": steps, "detail": detail, **sizes}


def main() -> None:
    """Measure, write the results, and say where they are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few cells, in build/benchmarks: does it work?")
    parser.add_argument("--out", type=Path, help="folder of the results")
    arguments = parser.parse_args()
    facts = machine(pinned())
    torch.set_num_threads(1)  # it is imported, and has counted the cores
    extent = ({"core": 12, "null": 6}, 3, 100) if arguments.quick else (STUDIES, DETAIL, 1000)
    results = measured(Path("build/benchmarks/measured").resolve(), *extent)
    folder = arguments.out or Path("build/benchmarks" if arguments.quick else "benchmarks/results")
    written(folder, "measure", results, facts, page)


if __name__ == "__main__":
    main()
