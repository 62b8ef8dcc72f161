"""Which cells train together, and how a stack starts."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import torch
from torch import Tensor, nn

from normshift import networks
from normshift.networks import initial
from normshift.observe.forward import State
from normshift.params import Cell
from normshift.train import arms
from normshift.train.schedules import REGISTRY as SCHEDULES

# Time of a step relative to its products: with a normaliser, without (LOG.md).
COST = (1.0, 0.8)
# Which of a cell's rates a parameter learns by; the first for all others.
RATES = {"affine.gamma": 1, "affine.beta": 2, "linear.weight": 3, "linear.bias": 3}
NOTHING: Mapping[Cell, State] = MappingProxyType({})


def shape(cell: Cell) -> tuple:
    """Return what all cells of a stack must share; the rest varies within it."""
    kind = (cell.norm.kind, cell.norm.eps)
    return (cell.data, cell.model, *kind, cell.optimizer, cell.batch_size, cell.steps, cell.root, cell.watch)


def stacks(cells: Sequence[Cell], largest: Callable[[Cell], int]) -> list[list[Cell]]:
    """Return stacks of at most ``largest(cell)``; cells of a seed, which share data and noise, are side by side."""

    def key(cell: Cell) -> tuple:
        return (repr(shape(cell)), cell.seed, cell.regime, cell.order.name, cell.norm.name, cell.lr)

    groups = [list(group) for _, group in itertools.groupby(sorted(cells, key=key), key=shape)]
    return [list(part) for group in groups for part in batched(group, largest(group[0]))]


def batched(cells: Sequence[Cell], size: int) -> Iterator[Sequence[Cell]]:
    """Cut cells into parts of a size, the last what is left."""
    return (cells[begin : begin + size] for begin in range(0, len(cells), size))


def work(cells: Sequence[Cell]) -> float:
    """Return about how much training a stack is: multiply-adds of its hidden layers; only ratios matter."""
    return sum(
        cell.updates * cell.batch_size * cell.model.depth * cell.model.width**2 * COST[cell.norm.kind == "none"]
        for cell in cells
    )


def start(
    cells: Sequence[Cell],
    shape: tuple[int, ...],
    classes: int,
    dtype: torch.dtype,
    device: str,
    ends: Mapping[Cell, State] = NOTHING,
) -> tuple[nn.Module, State, State]:
    """Return one network that serves all cells, and the stack's parameters and buffers at step 0.

    ``shape`` is that of a sample.
    ``ends`` has what the cells end with that others start from (`arms.sources`).
    """
    network = networks.build(cells[0].model, cells[0].norm, shape, classes).to(dtype)
    draws: dict[int, dict[str, Tensor]] = {}
    for cell in cells:
        if cell.seed not in draws:
            draws[cell.seed] = initial.draw(network, cell.model.activation, cell.root, cell.seed, cell.model.sd)
    each = [arms.begun(draws[cell.seed], cell, ends) for cell in cells]
    parameters = {name: torch.stack([one[name] for one in each]).to(device) for name in each[0]}
    buffers = {name: torch.stack([value] * len(cells)).to(device) for name, value in network.named_buffers()}
    return network.to(device), parameters, buffers


def averaging(network: nn.Module, momentum: float) -> nn.Module:
    """Return a network, itself, whose running averages move by ``momentum`` of the way to a batch's own."""
    for module in network.modules():
        if hasattr(module, "running_mean"):
            module.momentum = momentum
    return network


def rate_of(name: str) -> int:
    """Return which of the `rates` a parameter learns by."""
    return RATES.get(".".join(name.split(".")[-2:]), 0)


def rates(cells: Sequence[Cell], dtype: torch.dtype, device: str) -> Tensor:
    """Return each cell's learning rates (cell, step, `RATES`); 0 where the arm does not learn it.

    The mask is on the update: a zeroed gradient would still move a parameter under momentum.
    """
    rows = []
    for cell in cells:
        rate = np.array([cell.lr * SCHEDULES[cell.schedule.kind](step, cell.steps) for step in range(cell.steps)])
        moves = (np.arange(cell.steps) < arms.freezing(cell)) | (cell.norm.freezes != "affine")
        affine = rate * cell.norm.rate * moves
        learnt = [affine * cell.norm.learn_gamma, affine * cell.norm.learn_beta]
        rows.append(np.stack([rate, *learnt, rate * cell.norm.scale**2], axis=-1))
    return torch.from_numpy(np.stack(rows)).to(device, dtype)
