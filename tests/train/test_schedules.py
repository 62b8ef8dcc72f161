"""Schedules against `torch.optim.lr_scheduler` and values written out by hand."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.optim import lr_scheduler

from normshift.train.schedules import REGISTRY

LENGTHS = [1, 2, 3, 7, 10, 20, 33, 120, 1000]


def constant(optimizer, steps):
    return lr_scheduler.ConstantLR(optimizer, factor=1.0)


def step(optimizer, steps):
    return lr_scheduler.MultiStepLR(optimizer, [math.ceil(steps / 2), math.ceil(3 * steps / 4)], gamma=0.1)


def cosine(optimizer, steps):
    return lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps)


def warmup_cosine(optimizer, steps):
    warm = steps // 10
    after = lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps - warm)
    if warm < 2:  # at once at the full rate; torch's own counts such a warm-up as none
        return after if warm == 0 else lr_scheduler.SequentialLR(optimizer, [constant(optimizer, 1), after], [1])
    rise = lr_scheduler.LinearLR(optimizer, start_factor=1 / warm, end_factor=1.0, total_iters=warm - 1)
    return lr_scheduler.SequentialLR(optimizer, [rise, after], [warm])


def one_cycle(optimizer, steps):
    # Torch counts to its last step, which has the rate 0 (here the one after it), and the peak's share minus one step.
    share = (0.3 * steps + 1) / (steps + 1)
    ends = {"div_factor": 25, "final_div_factor": math.inf, "cycle_momentum": False}
    how = {"total_steps": steps + 1, "pct_start": share, "anneal_strategy": "linear", **ends}
    return lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, **how)


ORACLES = {function.__name__: function for function in (constant, step, cosine, warmup_cosine, one_cycle)}


@pytest.mark.parametrize("steps", LENGTHS)
@pytest.mark.parametrize("kind", REGISTRY)
def test_factors_are_those_of_torch(kind, steps):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler, rates = ORACLES[kind](optimizer, steps), []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert [REGISTRY[kind](number, steps) for number in range(steps)] == pytest.approx(rates, rel=1e-9, abs=1e-12)


BY_HAND = {
    "constant": [1] * 20,
    "step": [1] * 10 + [0.1] * 5 + [0.01] * 5,
    "cosine": [(1 + math.cos(math.pi * number / 20)) / 2 for number in range(20)],
    "warmup_cosine": [0.5, 1.0, *((1 + math.cos(math.pi * number / 18)) / 2 for number in range(18))],
    "one_cycle": [*(0.04 + 0.16 * number for number in range(6)), *((20 - number) / 14 for number in range(6, 20))],
}


@pytest.mark.parametrize("kind", REGISTRY)
def test_factors_of_twenty_steps_are_those_written_out(kind):
    assert [REGISTRY[kind](number, 20) for number in range(20)] == pytest.approx(BY_HAND[kind])


@pytest.mark.parametrize("kind", REGISTRY)
@given(steps=st.integers(1, 5000), share=st.floats(0, 1, exclude_max=True))
def test_no_step_of_a_run_is_without_a_rate_and_none_above_the_cells_own(kind, steps, share):
    assert 0 < REGISTRY[kind](int(share * steps), steps) <= 1
