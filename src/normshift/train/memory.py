"""How many cells train together: as many as fit into a worker. It changes no bit of a result."""

import math
from collections.abc import Callable, Sequence
from functools import partial

from normshift import networks
from normshift.crew import GIB, Crew, stack_limit
from normshift.params import Cell, Train
from normshift.records import BLOCKS, KEPT, SITES
from normshift.train.disturbance import NOISY
from normshift.train.loop import LONGEST
from normshift.train.observer import BATCHES
from normshift.train.optimizers import SLOTS
from normshift.train.programs import chosen
from normshift.train.programs.stepwise import PART
from normshift.train.samples import POPULATION, Shuffled

Shape = tuple[int, ...]
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


def needed(cells: Sequence[Cell], shuffled: Shuffled, train: Train) -> float:
    """Return the bytes that a worker needs that trains any one of the cells."""
    samples, shape = _samples(cells, shuffled), shuffled.shape
    if train.device == "cuda":  # its data are in the GPU's memory
        return PROCESS
    return max(per_process(cell, samples, shape) + per_cell(cell, train, samples, shape) for cell in cells)


def fitting(cells: Sequence[Cell], shuffled: Shuffled, train: Train, crew: Crew) -> Callable[[Cell], int]:
    """Return ``fits(cell)``: how many such cells go in a stack, so that it fits and no worker is left without one."""
    samples, shape = _samples(cells, shuffled), shuffled.shape
    if train.device == "cuda":
        room = SHARE * int(crew.machine["gpu_memory"])
    else:
        room = crew.memory - max(per_process(cell, samples, shape) for cell in cells)
    most = stack_limit(len(cells), crew.workers)
    return partial(_fits, train=train, room=room, samples=samples, shape=shape, most=most)


def _samples(cells: Sequence[Cell], shuffled: Shuffled) -> int:
    return max(len(shuffled.part("train", cell.seed)) for cell in cells)


def _fits(cell: Cell, train: Train, room: float, samples: int, shape: Shape, most: int) -> int:
    count = min(most, max(1, int(room // per_cell(cell, train, samples, shape))))
    return min(count, LARGEST.get((chosen(train.program, train.device, cell), train.device), count))
