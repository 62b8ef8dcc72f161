"""What will be trained and about how long it takes, said before it starts."""

import math
import os
from dataclasses import dataclass

from normshift.grid import planned
from normshift.params import Cell, Data, Engine, Study

# Measured on two cores (LOG.md); an estimate, so they need no more than one digit.
SECONDS = 2e-4  # of one core per step of one cell of the reference network
OBSERVING = 400  # what observing a cell costs, in its steps: the same whether it trains long or short
START = 8.0  # seconds until the workers have loaded everything
REFERENCE = (60, 3, 100)  # batch size, depth and width of the reference network
INPUTS, CLASSES = 64, 10  # of the reference data
# Of images of 28 by 28: a step of batch 60 in those of the reference network, and observing in steps of their own.
IMAGES = {"lenet": (27, 850), "resnet_small": (300, 2800), "vgg_small": (220, 3000)}
PIXELS = 28 * 28


@dataclass(frozen=True)
class Plan:
    """How much a study is: its cells, all their updates, and the work, observing included, in reference cell-steps."""

    cells: int
    cell_steps: int
    work: float


def plan(study: Study, inputs: int = INPUTS) -> Plan:
    """Return how much a study is, on samples of so many inputs."""
    cells = [point.cell for point in planned(study)]
    steps = sum(cell.updates for cell in cells)
    return Plan(len(cells), steps, sum((cell.updates + _observing(cell)) * weight(cell, inputs) for cell in cells))


def _observing(cell: Cell) -> int:
    return IMAGES[cell.model.kind][1] if cell.model.kind in IMAGES else OBSERVING


def weight(cell: Cell, inputs: int = INPUTS) -> float:
    """Return a step relative to those of the reference network 64-100-100-100-10 at batch 60.

    By its multiply-adds; of networks of images, which have no such simple measure, as it was timed.
    """
    if cell.model.kind in IMAGES:
        return IMAGES[cell.model.kind][0] * cell.batch_size / REFERENCE[0] * inputs / PIXELS
    own = _multiply_adds(cell.batch_size, cell.model.depth, cell.model.width, inputs)
    return own / _multiply_adds(*REFERENCE, INPUTS)


def sentence(study: Study, data: Data, engine: Engine) -> str:
    """Say how much a study is and about how long it takes, if none of its cells is finished yet."""
    amount, cores = plan(study, math.prod(data.shape or [INPUTS])), os.cpu_count() or 1
    workers = min(engine.workers or cores, cores) if engine.kind == "local" else engine.workers or cores
    seconds = START + amount.work * SECONDS / workers
    cells = "1 cell" if amount.cells == 1 else f"{amount.cells:,} cells"
    return f"{cells}, {amount.cell_steps:,} cell-steps, about {duration(seconds)} on {workers} core{'s'[: workers > 1]}"


def placed(engine: Engine) -> str:
    """Say who will train and where finished cells go."""
    workers = "1 worker" if engine.workers == 1 else f"{engine.workers or os.cpu_count() or 1} workers"
    if engine.address and engine.workers is None:
        workers = "the workers"
    shared = engine.kind != "slurm" and engine.address is None
    memory = f"{engine.memory:g} GiB {'together' if shared else 'each'}"
    place = f" of {engine.address}" if engine.address else ""
    return f"engine {engine.name}: {workers}{place}, {memory}; finished cells in {engine.store or 'build/cells'}"


def duration(seconds: float) -> str:
    """Return a time as a person says it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _multiply_adds(batch_size: int, depth: int, width: int, inputs: int) -> int:
    return batch_size * ((inputs + CLASSES) * width + (depth - 1) * width * width)
