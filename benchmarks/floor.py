"""What no way can be faster than: the matrix products of an update, and nothing else."""

from collections.abc import Callable

import numpy as np
import torch

from benchmarks.cells import Setting, products
from benchmarks.timing import median_of

# Operands of one cell stay in the cache; of a stack, calls are fewer.
STACK = 8


def _operands(width: int, *stack: int) -> list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    draw = torch.Generator().manual_seed(0)
    return [
        (
            torch.randn(*stack, rows, inner, generator=draw),
            torch.randn(*stack, inner, columns, generator=draw),
            torch.empty(*stack, rows, columns),
        )
        for rows, inner, columns in products(width)
    ]


def _one_by_one(setting: Setting) -> Callable[[], None]:
    operands = _operands(setting.width)

    def run() -> None:
        for _ in range(setting.cell_steps):
            for left, right, product in operands:
                torch.mm(left, right, out=product)

    return run


def _numpy(setting: Setting) -> Callable[[], None]:
    operands = [tuple(part.numpy() for part in parts) for parts in _operands(setting.width)]

    def run() -> None:
        for _ in range(setting.cell_steps):
            for left, right, product in operands:
                np.matmul(left, right, out=product)

    return run


def _stacked(setting: Setting) -> Callable[[], None]:
    operands = _operands(setting.width, STACK)

    def run() -> None:
        for _ in range(-(-setting.cell_steps // STACK)):
            for left, right, product in operands:
                torch.bmm(left, right, out=product)

    return run


def prepared(setting: Setting) -> Callable[[], None]:
    """Return the fastest of three ways to compute the products into memory that exists: MKL's, stacked, NumPy's."""
    ways = [make(setting) for make in (_one_by_one, _stacked, _numpy)]
    return min(ways, key=lambda run: median_of(run, rounds=3).cpu)
