"""Which cells train together, and how a stack starts."""

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from normshift import networks
from normshift.networks import initial
from normshift.observe.forward import State
from normshift.params import Cell
from normshift.train.schedules import REGISTRY as SCHEDULES

# Past this the activations of a stack fall out of the cache and a cell-step gets no cheaper (LOG.md).
LARGEST = 32
# Vectorised kernels sum the last units of a tensor in another order. Found by trial (LOG.md): a cell's bits do not
# depend on its place if its width is a multiple of QUANTUM and at least TAIL units of discarded copies follow it.
QUANTUM, TAIL = 4, 32


def shape(cell: Cell) -> tuple:
    """Return what all cells of a stack must share; the rest varies within it."""
    return (cell.data, cell.model, cell.norm.kind, cell.optimizer, cell.batch_size, cell.steps, cell.root)


def stackable(cell: Cell, classes: int) -> bool:
    """Say whether a cell's bits are the same wherever it stands in a stack; if not, it trains alone."""
    return cell.model.width % QUANTUM == 0 and classes * cell.batch_size % 2 == 0


def company(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells followed by copies of the last, whose numbers are discarded."""
    return [*cells, *[cells[-1]] * max(1, -(-TAIL // cells[-1].model.width))]


def stacks(cells: Sequence[Cell], classes: int, largest: int = LARGEST) -> list[list[Cell]]:
    """Return the cells in stacks of at most ``largest``, cells of a seed side by side: they share data and noise."""

    def key(cell: Cell) -> tuple:
        return (repr(shape(cell)), cell.seed, cell.regime, cell.order.name, cell.norm.name, cell.lr)

    groups = itertools.groupby(sorted(cells, key=key), key=shape)
    return [part for _, group in groups for part in _parts(list(group), classes, largest)]


def _parts(cells: list[Cell], classes: int, largest: int) -> list[list[Cell]]:
    largest = largest if stackable(cells[0], classes) else 1
    return [cells[begin : begin + largest] for begin in range(0, len(cells), largest)]


def work(cells: Sequence[Cell]) -> float:
    """Return about how much training a stack is, in cell-steps of a normalised cell; only ratios matter."""
    return sum(cell.steps * (1.0 if cell.norm.kind == "batch" else 0.7) * cell.model.depth for cell in cells)


def start(
    cells: Sequence[Cell], inputs: int, classes: int, dtype: torch.dtype, device: str
) -> tuple[nn.Module, State, State]:
    """Return one network that serves all cells, and the stack's parameters and buffers at step 0."""
    network = networks.build(cells[0].model, cells[0].norm, inputs, classes).to(dtype)
    draws: dict[int, dict[str, Tensor]] = {}
    for cell in cells:
        if cell.seed not in draws:
            draws[cell.seed] = initial.draw(network, cell.model.activation, cell.root, cell.seed)
    each = [draws[cell.seed] for cell in cells]
    parameters = {name: torch.stack([one[name] for one in each]).to(device) for name in each[0]}
    buffers = {name: torch.stack([value] * len(cells)).to(device) for name, value in network.named_buffers()}
    return network.to(device), parameters, buffers


def rates(cells: Sequence[Cell], names: Sequence[str], step: int, dtype: torch.dtype, device: str) -> State:
    """Return per parameter each cell's learning rate at a step: 0 where the arm does not learn it.

    The mask is on the update: a zeroed gradient would still move a parameter under momentum.
    """
    rate = torch.tensor(
        [cell.lr * SCHEDULES[cell.schedule.kind](step, cell.steps) for cell in cells], dtype=dtype, device=device
    )
    gamma = torch.tensor([cell.norm.learn_gamma for cell in cells], device=device).to(dtype)
    beta = torch.tensor([cell.norm.learn_beta for cell in cells], device=device).to(dtype)
    return {
        name: rate * gamma if name.endswith("gamma") else rate * beta if name.endswith("beta") else rate
        for name in names
    }
