"""What is measured for the simulation: stacks, workers, the store, the driver, Dask's scheduler.

All of it is CPU time, which other work on the machine leaves alone; what that work leaves of the cores is `cores`.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.scale_study import LONG, NORMS, Extent, cells, composed, engaged
from normshift import records
from normshift.crew import Crew, Done, Needs, share
from normshift.engines.local import run
from normshift.engines.store import Folder
from normshift.folders import Folders
from normshift.params import Cell, Config
from normshift.train import gather, memory, tasks, worker
from normshift.train.digest import digests
from normshift.train.loop import train
from normshift.train.where import machine, versions

Row = dict[str, Any]
REPEATS = 3  # of what takes less than a second
WHILE = 3.0
BUSY = f"import time; end = time.time() + {WHILE}\nwhile time.time() < end: pass\nprint(time.process_time())"


def timed(task: worker.Task) -> Row:
    """Do what `worker.run` does, its halves timed apart; in a process of an engine's, whose age is told too."""
    worker.one_thread()
    begin = time.process_time()  # since the process was born
    trained, _ = train(task.cells, worker.opened(Path(task.data), task.cells), task.train.program, task.train.device)
    middle, store = time.process_time(), Folder(Path(task.store))
    for digest, record in zip(task.digests, trained, strict=True):
        store.put(digest, record)
    put = (time.process_time() - middle) / len(trained)
    return {"began": begin, "seconds": middle - begin, "put": put}


def _task(folders: Folders, norm: str, count: int, steps: int) -> worker.Task:
    config = composed(Extent(seeds=12), LONG)
    own = [replace(cell, steps=steps) for cell in cells(config) if cell.norm.name == norm]
    own = sorted(own, key=lambda cell: cell.seed)[:count]
    addresses = [f"{norm}-{steps}-{count}-{place}" for place in range(len(own))]
    return worker.Task(
        own, addresses, folders.shuffled.resolve(), str(folders.root.resolve() / "timed"), config.train, {}
    )


def stack_rows(folders: Folders, extent: Extent) -> tuple[list[Row], Row]:
    """Return the seconds of stacks by norm, cells and steps in a warm process, and what its start and a put took.

    Its first stack of either kind loads what was compiled: that belongs to the start.
    """
    kinds = [(norm, *kind) for norm in NORMS for kind in extent.stacks]
    cold = [(norm, *extent.stacks[0]) for norm in NORMS]
    list(run(1, timed, [_task(folders, *kind) for kind in cold]))  # compiles, if nobody has
    jobs = [_task(folders, *kind) for kind in (*cold, *kinds)]
    found = [outcome.result for outcome in run(1, timed, jobs) if isinstance(outcome, Done)]
    first, warm = found[: len(cold)], dict(zip(kinds, found[len(cold) :], strict=True))
    loading = sum(row["seconds"] - warm[kind]["seconds"] for kind, row in zip(cold, first, strict=True))
    rows = [dict(zip(("norm", "cells", "steps"), kind, strict=True)) for kind in kinds]
    rows = [row | {"seconds": warm[kind]["seconds"]} for row, kind in zip(rows, kinds, strict=True)]
    put = statistics.median(row["put"] for row in warm.values())
    return rows, {"start": first[0]["began"] + loading, "put": put}


def cores(count: int) -> float:
    """Return how many cores so many busy processes get together, now and here: their CPU time in a while."""
    busy = [subprocess.Popen([sys.executable, "-S", "-c", BUSY], stdout=subprocess.PIPE) for _ in range(count)]
    return sum(float(process.communicate()[0]) for process in busy) / WHILE


def record_row(folders: Folders, extent: Extent) -> Row:
    """Return a long cell's bytes, in the store and in memory, and the seconds to gather it; bytes of the data."""
    numbered = [_task(folders, norm, extent.stack, LONG) for norm in NORMS]
    addresses = [digest for task in numbered for digest in task.digests]
    own, store = [cell for task in numbered for cell in task.cells], Folder(folders.root / "timed")
    held = [sum(array.nbytes for array in store.take(digest).values()) for digest in addresses]
    kept = [store.path(digest).stat().st_size for digest in addresses]
    data = sum(path.stat().st_size for path in folders.shuffled.rglob("*.np?"))
    seconds = gathering(own, addresses, store, folders.root / "gathered")
    taking = _seconds(lambda: [store.take(digest) for digest in addresses]) / len(own)
    return {"bytes": statistics.mean(kept), "memory": statistics.mean(held), "inputs": data} | {
        "gather": seconds,
        "take": taking,
    }


def gathering(own: Sequence[Cell], addresses: Sequence[str], store: Folder, target: Path) -> float:
    """Return the seconds a cell from the store to a study's files, as the stage does it."""

    def gathered() -> None:
        for name, record in gather.gathered(own, lambda number: store.take(addresses[number])):
            records.write(record, target / f"{name}.npz")

    return _seconds(gathered) / len(own)


def _seconds(run: Callable[[], Any]) -> float:
    took = []
    for _ in range(REPEATS):
        begin = time.process_time()
        run()
        took.append(time.process_time() - begin)
    return statistics.median(took)


def preparing(folders: Folders, extent: Extent) -> float:
    """Return the driver's seconds a cell before the first stack: of a grid more than of a smaller one of its seeds."""
    store, points = Folder(folders.root / "nothing"), []
    for rates in (4, 40):
        config = composed(extent, extent.steps, tuple(0.01 * (place + 1) for place in range(rates)))
        config = engaged(config, "local", 1, extent.stack)

        def prepared(config=config) -> None:
            own = cells(config)
            stacked(config, own, folders, store)

        points.append((len(cells(config)), _seconds(prepared)))
    (few, short), (many, long) = points
    return (long - short) / (many - few)


def stacked(config: Config, own: Sequence[Cell], folders: Folders, store: Folder) -> list[worker.Task]:
    """Return the stacks that the stage `train` makes of cells that are not stored."""
    data, here = worker.opened(folders.shuffled, own), machine(config.train.device)
    workers, bytes_each = share(config.engine, Needs(memory.needed(own, data, config.train), versions, lambda: here))
    crew = Crew(workers, bytes_each, here, run=lambda work, todo: iter(()))
    todo = tasks.missing(own, digests(own, data, config.train, here), store)
    return tasks.stacked(
        todo, memory.fitting(own, data, config.train, crew), folders.shuffled, store, config.train, crew
    )


def scheduling(count: int) -> float:
    """Return the seconds a task of a Dask scheduler, in this process, with two workers; the tasks do nothing."""
    from distributed import Client, LocalCluster

    where = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    with LocalCluster(n_workers=2, threads_per_worker=1, **where) as cluster, Client(cluster) as client:
        client.gather(client.map(_nothing, range(100), pure=False))
        begin = time.process_time()
        client.gather(client.map(_nothing, range(count), pure=False))
        return (time.process_time() - begin) / count


def _nothing(number: int) -> int:
    return number


def measured(folders: Folders, extent: Extent) -> Row:
    """Return what the simulation is made of, all of it measured once."""
    stacks, worker_row = stack_rows(folders, extent)
    return {
        "stacks": stacks,
        "worker": worker_row,
        "record": record_row(folders, extent),
        "prepare": preparing(folders, extent),
        "scheduling": scheduling(extent.tasks),
    }
