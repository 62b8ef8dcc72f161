"""The stacked program against the plain loop over `nn.Module` and `torch.optim`."""

from dataclasses import replace

import pytest
import torch

from normshift.networks.layer import ACTIVATIONS
from normshift.train.loop import train
from tests.train.made_up import NORMS, cell, shuffled

RATES = [0.01, 0.1, 0.3, 1.0, 3.0]
DATA = shuffled(range(2))


def distance(one: dict, other: dict, number: int) -> float:
    """Return ||d theta|| / ||theta|| over all parameters of a cell."""
    apart = sum(((one[name][number] - other[name][number]) ** 2).sum() for name in one)
    return float((apart / sum((other[name][number] ** 2).sum() for name in one)).sqrt())


def ended(cells, **how):
    return train(cells, DATA, observing=False, **how)[1]


def nudged(cells, monkeypatch):
    """Train the plain loop from weights that differ in their last bit."""
    from normshift.networks import initial

    drawn = initial.draw

    def nudge(network, *names):
        return {name: value * (1 + 2**-23) for name, value in drawn(network, *names).items()}

    monkeypatch.setattr(initial, "draw", nudge)
    parameters = ended(cells, program="serial", dtype=torch.float64)
    monkeypatch.setattr(initial, "draw", drawn)
    return parameters


@pytest.mark.slow
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("norm", NORMS)
def test_stacked_equals_serial_in_double_precision_for_300_steps(norm, activation, monkeypatch):
    cells = [cell(norm, activation, lr=lr, steps=300, regime="fresh") for lr in RATES]
    stacked, serial = ended(cells, dtype=torch.float64), ended(cells, program="serial", dtype=torch.float64)
    # Where training is chaotic no two programs agree: what a change of 1e-7 grows to says where, rounding is 1e-16.
    other = nudged(cells, monkeypatch)
    regular = [number for number in range(len(cells)) if distance(other, serial, number) < 1e-3]
    assert len(regular) >= 3
    for number in regular:
        assert distance(stacked, serial, number) < 1e-9


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("norm", NORMS)
def test_stacked_equals_serial_in_single_precision_for_10_steps(norm, activation):
    cells = [cell(norm, activation, lr=lr, steps=10) for lr in RATES[:3]]
    stacked, serial = ended(cells), ended(cells, program="serial")
    assert all(distance(stacked, serial, number) < 1e-5 for number in range(len(cells)))


def test_a_program_that_forgot_the_mask_would_be_found():
    frozen, learnt = cell("frozen", lr=0.3), cell("batch", lr=0.3)
    assert distance(ended([frozen]), ended([learnt]), 0) > 1e-2


@pytest.mark.parametrize("program", ["stacked", "serial"])
def test_what_an_arm_does_not_learn_stays(program):
    parameters = ended([cell("gamma"), cell("frozen"), cell("batch")], program=program)
    gamma, beta = parameters["hidden.1.affine.gamma"], parameters["hidden.1.affine.beta"]
    assert (beta[:2] == 0).all() and (gamma[1] == 1).all()
    assert (gamma[0] != 1).any() and (beta[2] != 0).any()


@pytest.mark.parametrize("program", ["stacked", "serial"])
def test_the_two_programs_record_the_same(program):
    cells = [cell("batch", lr=0.1), cell("frozen", lr=0.3, seed=1)]
    mine, _ = train(cells, DATA, program=program, dtype=torch.float64)
    other, _ = train(cells, DATA, dtype=torch.float64)
    for one, two in zip(mine, other, strict=True):
        assert one.keys() == two.keys()
        for name in one:
            torch.testing.assert_close(
                torch.as_tensor(one[name]), torch.as_tensor(two[name]), rtol=1e-4, atol=1e-6, equal_nan=True
            )


def test_a_longer_run_begins_with_the_shorter_one():
    short, long = (train([replace(cell(), steps=steps)], DATA)[0][0] for steps in (20, 40))
    assert (short["training_loss"] == long["training_loss"][:20]).all()
