"""A cell's numbers do not depend on its company: stack size, place, order, observing."""

import numpy as np
import pytest
import torch

from normshift.params import Model
from normshift.train import stacks
from normshift.train.loop import train
from tests.train.made_up import CLASSES, NORMS, cell, shuffled

DATA = shuffled(range(40))
# That bits differ without the precautions is a property of the kernels, seen where LOG.md says so.
seen_on_avx512 = pytest.mark.skipif(
    torch.backends.cpu.get_cpu_capability() != "AVX512", reason="the kernels of other processors may not differ"
)
# (size, first cell) of smaller stacks cut out of the full one: tiny, odd, the first, the last.
PARTS = [(1, 0), (1, 32), (2, 5), (3, 30), (7, 20), (17, 16), (32, 1)]


def everyone(norm: str, activation: str, **shape) -> list:
    rates, regimes = (0.03, 0.3, 1.0), ("clean", "fresh")
    return [
        cell(norm, activation, lr=rates[i % 3], regime=regimes[i % 2], seed=i, steps=12, **shape) for i in range(33)
    ]


def same(one: dict, two: dict) -> bool:
    return one.keys() == two.keys() and all(np.array_equal(one[name], two[name], equal_nan=True) for name in one)


def differing(cells: list) -> list:
    """Return the (size, first, number) whose records or parameters differ from those in the stack of all."""
    records, parameters = train(cells, DATA)
    found = []
    for size, first in PARTS:
        own, ended = train(cells[first : first + size], DATA)
        for number in range(size):
            equal = all((ended[name][number] == parameters[name][first + number]).all() for name in ended)
            if not (equal and same(own[number], records[first + number])):
                found.append((size, first, number))
    return found


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
@pytest.mark.parametrize("norm", ["none", "batch", "layer"])
def test_same_bits_whatever_the_size_of_the_stack_and_the_place_in_it(norm, activation):
    assert not differing(everyone(norm, activation))


@pytest.mark.slow
@pytest.mark.parametrize("width", [4, 12, 36, 100])
def test_same_bits_at_every_width_that_is_stacked(width):
    assert stacks.stackable(cell(width=width), CLASSES)
    assert not differing(everyone("batch", "sigmoid", width=width))


@seen_on_avx512
def test_without_the_discarded_copies_the_bits_would_depend_on_the_company(monkeypatch):
    monkeypatch.setattr(stacks, "company", list)
    assert differing(everyone("batch", "sigmoid", width=12))


def test_shapes_whose_bits_depend_on_the_place_train_alone():
    odd = [cell(width=50, seed=seed) for seed in range(3)]
    assert [len(stack) for stack in stacks.stacks(odd, CLASSES)] == [1, 1, 1]
    even = [cell(width=52, seed=seed) for seed in range(3)]
    assert [len(stack) for stack in stacks.stacks(even, CLASSES)] == [3]


@seen_on_avx512
def test_a_shape_that_trains_alone_does_so_for_a_reason():
    assert differing(everyone("batch", "sigmoid", width=50))


@pytest.mark.parametrize("norm", NORMS)
def test_same_bits_with_and_without_observing(norm):
    cells = [cell(norm, lr=lr, regime="fresh") for lr in (0.1, 1.0)]
    seen, unseen = train(cells, DATA)[1], train(cells, DATA, observing=False)[1]
    assert all((seen[name] == unseen[name]).all() for name in seen)


def test_same_bits_whatever_the_order_of_the_cells():
    cells = everyone("batch", "relu")[:9]
    forward, backward = train(cells, DATA)[0], train(cells[::-1], DATA)[0]
    assert all(same(one, two) for one, two in zip(forward, backward[::-1], strict=True))


def test_cells_of_one_shape_share_a_stack_and_no_cell_is_lost():
    cells = [cell(norm, lr=lr, seed=seed) for norm in NORMS for lr in (0.1, 0.3) for seed in range(9)]
    cells.append(cell(batch_size=8))
    cells.append(cell(model=Model("other", "mlp", 2, 20, "relu")))
    made = stacks.stacks(cells, CLASSES, largest=10)
    assert sorted(map(repr, (c for stack in made for c in stack))) == sorted(map(repr, cells))
    assert all(len({stacks.shape(c) for c in stack}) == 1 and len(stack) <= 10 for stack in made)
