"""How many cells train together, and in how many processes: as many as fit. It changes no bit of a result."""

import math
import os
from collections.abc import Callable, Sequence
from functools import partial

import torch

from normshift import networks
from normshift.params import Cell, Engine, Train
from normshift.records import BLOCKS, KEPT, SITES
from normshift.train.disturbance import NOISY
from normshift.train.loop import LONGEST
from normshift.train.observer import BATCHES
from normshift.train.optimizers import SLOTS
from normshift.train.programs import chosen
from normshift.train.programs.stepwise import PART
from normshift.train.samples import POPULATION, Shuffled

Shape = tuple[int, ...]
GIB = 2**30
REAL = 4  # bytes
# A process with everything loaded, and compiled (LOG.md).
PROCESS = 0.8 * GIB
# Looks at a point, before and after it; a seed's sets, training and held out; arrays of a pass over all cells.
LOOKS, SETS, COPIES = 2 * 16, 2, 3
# Weights of a full point, of networks between it and the next state, and their gradients.
BETWEEN = 5
# Of a GPU's memory; the rest is its libraries' and lost between arrays.
SHARE = 0.8
# Cells of a stack share a seed's noise, and are lost together: beyond this neither matters (LOG.md). On a GPU all that
# fit train at once; where a cell's bits would depend on its company, it has none.
LARGEST = {("compiled", "cpu"): 32, ("serial", "cpu"): 32, ("mapped", "cpu"): 1}


def per_process(cell: Cell, samples: int, shape: Shape) -> float:
    """Return the bytes that a worker needs whatever its stack is: itself, and a look at a whole training set."""
    return PROCESS + REAL * _looked_at(cell, samples, shape)


def _looked_at(cell: Cell, samples: int, shape: Shape) -> int:
    """Return the numbers of a look at a training set, or at as much of it as is seen at once."""
    sizes = networks.sizes(cell.model, shape)
    at_once = min(samples, POPULATION) if all(size.positions == 1 for size in sizes) else min(samples, PART)
    return at_once * (math.prod(shape) + len(SITES) * sum(size.width * size.positions for size in sizes))


def per_cell(cell: Cell, train: Train, samples: int, shape: Shape) -> float:
    """Return the bytes that one more cell needs, if it is of another seed.

    What an optimiser keeps is as large as the weights. A seed has its data, once more with noise where the regime is
    fresh, and the noise of the batches looked at. All programs but the compiled one look at all cells at once. What
    disturbs layers comes on top.
    """
    depth, width, fresh = cell.model.depth, cell.model.width, cell.regime == "fresh"
    weights, inputs = networks.parameters(cell.model, shape), math.prod(shape)
    units = 2 * len(SITES) * depth * width * (LOOKS + BATCHES)
    data = inputs * samples * SETS * (2 if fresh else 1) + (2 * BATCHES * cell.batch_size * inputs if fresh else 0)
    apart = chosen(train.program, train.device, cell) == "compiled"
    look = 0 if apart else COPIES * _looked_at(cell, samples, shape)
    kept = (BLOCKS + COPIES + BETWEEN + SLOTS[cell.optimizer.kind]) * weights
    probe = KEPT * depth * LOOKS * samples // 4  # its samples at y; it is about as large a part of the training set
    return REAL * (kept + units + probe + data + look + _disturbing(cell, samples))


def _disturbing(cell: Cell, samples: int) -> float:
    """Return how many numbers disturb a cell: noise of batches and of a set, kept and handed over, or a replay's."""
    site = 2 * cell.model.depth * cell.model.width
    noise = COPIES * site * (max(LONGEST, BATCHES) * cell.batch_size + samples) if cell.norm.kind in NOISY else 0
    # The moments of the source, and the source itself.
    return noise + (2 * COPIES * site * cell.steps if cell.norm.replay != "nothing" else 0)


def shared(
    cells: Sequence[Cell], shuffled: Shuffled, train: Train, engine: Engine
) -> tuple[int, Callable[[Cell], int]]:
    """Return how many workers fit into the engine's memory, and ``fits(cell)``: how many such cells in a stack.

    A GPU has one worker, and its own memory.
    """
    samples, shape = max(len(shuffled.part("train", cell.seed)) for cell in cells), shuffled.shape
    need = max(per_process(cell, samples, shape) + per_cell(cell, train, samples, shape) for cell in cells)
    process = max(per_process(cell, samples, shape) for cell in cells)
    if train.device == "cuda":
        workers, room = 1, SHARE * device_memory()
    else:
        workers = max(1, min(engine.workers or os.cpu_count() or 1, int(engine.memory * GIB // need)))
        room = engine.memory * GIB / workers - process
    return workers, partial(_fits, train=train, room=room, samples=samples, shape=shape)


def device_memory() -> int:
    """Return the bytes of the GPU."""
    return torch.cuda.get_device_properties(0).total_memory


def _fits(cell: Cell, train: Train, room: float, samples: int, shape: Shape) -> int:
    count = max(1, int(room // per_cell(cell, train, samples, shape)))
    return min(count, LARGEST.get((chosen(train.program, train.device, cell), train.device), count))
