"""How many cells train together, and in how many processes: as many as fit. It changes no bit of a result."""

import os
from collections.abc import Callable, Sequence
from functools import partial

from normshift.params import Cell, Engine, Train
from normshift.records import BLOCKS, SITES
from normshift.train.observer import BATCHES
from normshift.train.programs import chosen
from normshift.train.samples import Shuffled

GIB = 2**30
REAL = 4  # bytes
# A process with everything loaded, and compiled (LOG.md).
PROCESS = 0.8 * GIB
# Looks at a point, before and after it; parts of a seed's data; arrays that a pass over all cells at once keeps.
LOOKS, PARTS, COPIES = 2 * 16, 2, 3
# Cells of a stack share a seed's noise, and are lost together: beyond this neither matters (LOG.md). On a GPU all that
# fit train at once; where a cell's bits would depend on its company, it has none.
LARGEST = {("compiled", "cpu"): 32, ("serial", "cpu"): 32, ("mapped", "cpu"): 1}


def per_process(cell: Cell, samples: int, inputs: int) -> float:
    """Return the bytes that a worker needs whatever its stack is: itself, a seed's data, and a look at all of them."""
    return PROCESS + REAL * samples * (2 * PARTS * inputs + len(SITES) * cell.model.depth * cell.model.width)


def per_cell(cell: Cell, train: Train, samples: int, inputs: int) -> float:
    """Return the bytes that one more cell needs; each needs room for a look where all are looked at at once."""
    depth, width = cell.model.depth, cell.model.width
    weights = width * (inputs + (depth - 1) * width)
    units = 2 * len(SITES) * depth * width * (LOOKS + BATCHES)
    mapped = chosen(train.program, train.device, cell) == "mapped"
    look = COPIES * samples * (inputs + len(SITES) * depth * width) if mapped else 0
    return REAL * ((BLOCKS + COPIES) * weights + units + look)


def shared(
    cells: Sequence[Cell], shuffled: Shuffled, train: Train, engine: Engine
) -> tuple[int, Callable[[Cell], int]]:
    """Return how many workers fit into the engine's memory, and ``fits(cell)``: how many such cells in a stack."""
    samples, inputs = max(len(shuffled.part("train", cell.seed)) for cell in cells), shuffled.inputs.shape[1]
    process = max(per_process(cell, samples, inputs) for cell in cells)
    most = 1 if train.device == "cuda" else engine.workers or os.cpu_count() or 1
    workers = max(1, min(most, int(engine.memory * GIB // process)))
    room = engine.memory * GIB / workers - process
    return workers, partial(_fits, train=train, room=room, samples=samples, inputs=inputs)


def _fits(cell: Cell, train: Train, room: float, samples: int, inputs: int) -> int:
    count = max(1, int(room // per_cell(cell, train, samples, inputs)))
    return min(count, LARGEST.get((chosen(train.program, train.device, cell), train.device), count))
