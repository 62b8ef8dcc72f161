"""Optimisers as pure functions against `torch.optim` and the printed formulas."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from normshift.train.optimizers import REGISTRY, SLOTS
from normshift.train.programs.serial import OPTIMIZERS

ORACLES = {
    "sgd": lambda values: torch.optim.SGD(values, lr=0.03),
    "momentum": lambda values: torch.optim.SGD(values, lr=0.03, momentum=0.9),
    "adam": lambda values: torch.optim.Adam(values, lr=0.03, betas=(0.9, 0.999), eps=1e-8),
}
numbers = st.lists(st.floats(-100, 100), min_size=1, max_size=12)


def path(kind: str, gradients: torch.Tensor, rate: float | torch.Tensor = 0.03) -> tuple[torch.Tensor, tuple]:
    """Return what is subtracted at every step, (step, ...), and the slots in the end."""
    slots, found = (torch.zeros_like(gradients[0]),) * SLOTS[kind], []
    for step, gradient in enumerate(gradients):
        update, slots = REGISTRY[kind](gradient, torch.as_tensor(rate, dtype=gradient.dtype), slots, step)
        found.append(update)
    return torch.stack(found), slots


def drawn(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize("kind", REGISTRY)
def test_updates_are_those_of_torch_optim(kind):
    gradients, value = drawn(25, 3, 4), torch.zeros(3, 4, dtype=torch.float64, requires_grad=True)
    optimizer, places = ORACLES[kind]([value]), []
    for gradient in gradients:
        value.grad = gradient.clone()
        optimizer.step()
        places.append(value.detach().clone())
    torch.testing.assert_close(-path(kind, gradients)[0].cumsum(0), torch.stack(places), rtol=1e-12, atol=1e-14)


def naive(kind: str, gradients: list[float], rate: float) -> list[float]:
    """The rules as they are printed, one parameter."""
    v = m = 0.0
    updates = []
    for t, g in enumerate(gradients, start=1):
        if kind == "adam":
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            updates.append(rate * (m / (1 - 0.9**t)) / (math.sqrt(v / (1 - 0.999**t)) + 1e-8))
        else:
            v = 0.9 * v + g if kind == "momentum" else g
            updates.append(rate * v)
    return updates


@pytest.mark.parametrize("kind", REGISTRY)
@given(gradients=numbers)
def test_updates_equal_the_printed_rule(kind, gradients):
    found, _ = path(kind, torch.tensor(gradients, dtype=torch.float64), 0.5)
    assert found.tolist() == pytest.approx(naive(kind, gradients, 0.5), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("kind", REGISTRY)
def test_leading_axes_equal_a_loop(kind):
    gradients, rates = drawn(6, 3, 4), torch.tensor([0.01, 0.1, 1.0], dtype=torch.float64)
    together, _ = path(kind, gradients, rates[:, None])
    for cell, rate in enumerate(rates):
        assert (together[:, cell] == path(kind, gradients[:, cell], rate)[0]).all()


@pytest.mark.parametrize("kind", REGISTRY)
def test_a_rate_of_zero_moves_nothing_whatever_the_slots_hold(kind):
    gradients = drawn(6, 4)
    rates = torch.tensor([0.1, 0.1, 0.1, 0.0, 0.0, 0.0])
    slots = (torch.zeros(4, dtype=torch.float64),) * SLOTS[kind]
    for step, (gradient, rate) in enumerate(zip(gradients, rates, strict=True)):
        update, slots = REGISTRY[kind](gradient, rate, slots, step)
        assert (update == 0).all() == (rate == 0)
    assert all((slot != 0).all() for slot in slots)


def test_adams_first_update_is_the_rate_whatever_the_size_of_the_gradient():
    for size in (1e-3, 1.0, 1e3):
        update, _ = path("adam", torch.full((1, 1), size, dtype=torch.float64))
        assert update.item() == pytest.approx(0.03, rel=1e-4)


@pytest.mark.parametrize("kind", REGISTRY)
def test_an_optimiser_keeps_as_many_slots_as_it_says(kind):
    assert len(path(kind, drawn(1, 4))[1]) == SLOTS[kind]


def test_the_plain_loop_knows_every_optimiser():
    assert OPTIMIZERS.keys() == REGISTRY.keys() == SLOTS.keys()
