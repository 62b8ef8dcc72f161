"""The ways to train many small networks: each a function from a setting to the work, ready to run.

A way runs in a process of its own (`timing.Worker`). Making it ready, compiling included, is timed apart.
"""

import atexit
import functools
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.cells import Setting, grid, shuffled

Run = Callable[[], Any]
# Two jobs at least, so that they are processes even where one core is all there is.
JOBS = max(2, len(os.sched_getaffinity(0)))
# Enough to load, and where it applies compile, everything that a program needs.
WARM_UP = 40


def program(setting: Setting, name: str, observing: bool = False) -> Run:
    """Train the stack with a program of normshift, from its data to parameters or, observing, records."""
    from normshift.train.loop import train

    _one_thread()
    cells, data = grid(setting), shuffled(setting.steps)
    run = functools.partial(train, cells, data, program=name, observing=observing)
    few = replace(setting, cells=min(setting.cells, 8), steps=min(setting.steps, WARM_UP))
    train(grid(few), data, program=name, observing=observing)
    return run


def serial(setting: Setting) -> Run:
    """Train one cell after the other: `nn.Module`, a loop, `torch.optim`."""
    from benchmarks.plain import trained

    _one_thread()
    cells, data = grid(setting), shuffled(setting.steps)
    trained(replace(cells[0], steps=WARM_UP), shuffled(WARM_UP))

    def run() -> None:
        for cell in cells:
            trained(cell, data)

    return run


def process_per_cell(setting: Setting) -> Run:
    """Start a fresh interpreter for every cell, which imports torch and runs the plain loop, as launchers do."""
    folder = tempfile.TemporaryDirectory()
    paths = []
    for number, cell in enumerate(grid(setting)):
        paths.append(Path(folder.name) / f"{number}.pickle")
        paths[-1].write_bytes(pickle.dumps((cell, shuffled(setting.steps))))

    def run(folder=folder) -> None:  # holds the folder as long as the work can be run
        for path in paths:
            subprocess.run([sys.executable, "-m", "benchmarks.plain", str(path)], check=True)

    return run


def joblib(setting: Setting) -> Run:
    """Hand the plain loop to joblib's processes; they are up and have imported torch before the clock runs."""
    from joblib import Parallel, delayed

    jobs = [delayed(_job)(cell, shuffled(setting.steps)) for cell in grid(setting)]
    pool = Parallel(n_jobs=JOBS, batch_size=1, max_nbytes=None)
    short = shuffled(WARM_UP)
    pool(delayed(_job)(replace(cell, steps=WARM_UP), short) for cell in grid(replace(setting, cells=2 * JOBS)))
    atexit.unregister(_end_jobs)
    atexit.register(_end_jobs)
    return lambda: sum(pool(jobs))


def _end_jobs() -> None:
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)


def _job(cell, data) -> float:
    from benchmarks.plain import trained

    _one_thread()
    begin = time.process_time()
    trained(cell, data)
    return time.process_time() - begin


def jax(setting: Setting) -> Run:
    """Train the stack in JAX, compiled beforehand."""
    from benchmarks import peer_jax

    return peer_jax.prepared(grid(setting), shuffled(setting.steps))


def floor(setting: Setting) -> Run:
    """Compute the matrix products of the updates."""
    from benchmarks import floor

    _one_thread()
    return floor.prepared(setting)


def study(setting: Setting) -> Run:
    """Train any number of cells with the default program, in the stacks that the stage `train` makes of them."""
    from normshift.crew import GIB, Crew
    from normshift.params import Train
    from normshift.train.loop import train
    from normshift.train.memory import fitting
    from normshift.train.stacks import stacks

    _one_thread()
    cells, data = grid(setting), shuffled(setting.steps)
    alone = Crew(1, 4.0 * GIB, {}, run=lambda work, tasks: iter(()))
    fits = fitting(cells, data, Train("stacked", "cpu"), alone)

    def run() -> None:
        for stack in stacks(cells, fits):
            train(stack, data, observing=False)

    train(cells[:10], data, observing=False)
    return run


def _one_thread() -> None:
    from normshift.train.worker import one_thread

    one_thread()
