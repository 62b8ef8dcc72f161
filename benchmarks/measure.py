"""Measure the stage `measure` on the cells of all studies: `python -m benchmarks.measure [--quick]`.

A few cells of each shape are trained; their records, every number a little off, stand for those of all: any arm with a
normaliser for batch norm, any other for none. Each study is then measured by the command that `dvc repro` calls, one
after the other. Results: benchmarks/results/measure.json, and measure.md.
"""

import argparse
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from threadpoolctl import threadpool_limits

from benchmarks.cells import BATCH_SIZE, DATA, NORMS, RATES, RESHUFFLE, shuffled
from benchmarks.machine import machine
from benchmarks.measure_page import page
from benchmarks.results import written
from benchmarks.timing import pinned, took
from normshift import records, tables
from normshift.configure.__main__ import compose
from normshift.configure.resolve import dumped
from normshift.folders import Folders
from normshift.grid import Planned, planned
from normshift.measure import BUILDERS
from normshift.measure.group import described, groups
from normshift.params import Cell, Config, Optimizer, Schedule
from normshift.records import PLAN, Record
from normshift.train.gather import cells_table, file_name
from normshift.train.loop import train

WITHOUT = ("none", "none_noisy")  # kinds of normalisers that are none
EACH = 4  # cells trained of each shape


def stand_in(cell: Cell) -> Cell:
    """Return the cell that stands for one: of its depth, width, steps, seed and watch, trained as all are here."""
    norm = NORMS["none" if cell.norm.kind in WITHOUT else "batch"]
    model = replace(cell.model, kind="mlp", activation="relu", loss="cross_entropy")
    how = {"optimizer": Optimizer("sgd", "sgd"), "schedule": Schedule("constant", "constant")}
    what = {"data": DATA.name, "order": RESHUFFLE, "regime": "clean", "batch_size": BATCH_SIZE}
    return replace(cell, norm=norm, model=model, **how, **what)


def trained(kind: Cell) -> list[Record]:
    """Return records of a few cells of a shape."""
    some = [replace(kind, seed=seed, lr=RATES[seed % len(RATES)]) for seed in range(EACH)]
    return train(some, shuffled(kind.steps))[0]


def repeated(some: Sequence[Record], numbers: Sequence[int], draw: np.random.Generator) -> Record:
    """Return the file of cells with these numbers: records in turn, each number off by about a hundredth."""
    made = {"cell": np.array(numbers, np.int32), **{name: some[0][name] for name in PLAN}}
    for name in some[0].keys() - PLAN.keys():
        array = np.stack([some[place % len(some)][name] for place in range(len(numbers))])
        if array.dtype.kind == "f":
            array = (array * (1 + 0.01 * draw.standard_normal(array.shape, np.float32))).astype(array.dtype)
        made[name] = array
    return made


def prepared(root: Path, names: Sequence[str], most: int) -> Config:
    """Write configuration, records and table cells of at most some cells of each study; return the configuration."""
    config = compose(Path.cwd(), [f"studies=[{','.join(names)}]"])
    folders = Folders(root)
    folders.config.parent.mkdir(parents=True)
    folders.config.write_text(dumped(config), encoding="utf-8")
    (root / "dvc.yaml").touch()  # where stages take a checkout to be
    draw, some = np.random.default_rng(0), {}
    for name, study in config.studies.items():
        own = planned(study)[:most]
        points = [Planned(stand_in(point.cell), point.role) for point in own]
        cells = cells_table(points, [str(place) for place in range(len(points))])
        cells["norm"] = [point.cell.norm.name for point in own]  # a study knows its own arms
        for file, kind in {file_name(point.cell): point.cell for point in points}.items():
            if file not in some:
                some[file] = trained(kind)
            numbers = cells.loc[cells["record"] == file, "cell"].tolist()
            records.write(repeated(some[file], numbers, draw), folders.runs(name) / f"{file}.npz")
        tables.write(cells, "cells", folders.runs(name))
    return config


def stage_rows(root: Path, config: Config) -> Iterator[dict[str, Any]]:
    """Yield what the stage takes for each study, in seconds, and the bytes that it reads and writes."""
    folders = Folders(root)
    for name in config.studies:
        command = [sys.executable, "-m", "normshift.measure", f"study={name}"]
        run = took(lambda command=command: bool(subprocess.run(command, cwd=root, check=True)))
        cells = tables.read("cells", folders.shifts(name))
        kept = {"records_mb": folders.runs(name), "tables_mb": folders.shifts(name)}
        sizes = {key: round(sum(path.stat().st_size for path in at.iterdir()) / 1e6, 2) for key, at in kept.items()}
        yield {"study": name, "cells": len(cells), "cpu_s": round(run.cpu, 2), "wall_s": round(run.wall, 2), **sizes}


def table_rows(root: Path, config: Config, name: str) -> list[dict[str, Any]]:
    """Return what each table of a study takes: CPU time, rows and bytes a cell; the largest first."""
    folders, rules = Folders(root), config.claims.rules
    listed = described(tables.read("cells", folders.runs(name)), config.studies[name])
    read = {record: records.read(folders.runs(name) / f"{record}.npz") for record in listed["record"].unique()}
    cells, spent, rows = len(listed), Counter(), []
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


def measured(root: Path, names: Sequence[str], most: int) -> dict[str, Any]:
    """Return all results; what is made for them below ``root`` is removed."""
    shutil.rmtree(root, ignore_errors=True)
    config = prepared(root, names, most)
    rows = list(stage_rows(root, config))
    largest = max(rows, key=lambda row: row["cells"])["study"]
    each = table_rows(root, config, largest)
    shutil.rmtree(root)
    return {"studies": rows, "largest": largest, "tables": each}


def main() -> None:
    """Measure, write the results, and say where they are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few cells, in build/benchmarks: does it work?")
    parser.add_argument("--out", type=Path, help="folder of the results")
    arguments = parser.parse_args()
    facts = machine(pinned())
    torch.set_num_threads(1)  # it is imported, and has counted the cores; so have matrix products
    names = sorted(path.stem for path in Path("conf/study").glob("*.yaml"))
    extent = (["ladder", "depth"], 12) if arguments.quick else (names, sys.maxsize)
    with threadpool_limits(1):
        results = measured(Path("build/benchmarks/measured").resolve(), *extent)
    folder = arguments.out or Path("build/benchmarks" if arguments.quick else "benchmarks/results")
    written(folder, "measure", results, facts, page)


if __name__ == "__main__":
    main()
