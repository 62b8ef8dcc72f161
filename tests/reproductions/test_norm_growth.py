"""How weights grow, against the networks that the stage `train` ends with, and where the identity must fail."""

from dataclasses import replace

import pytest
import torch

from normshift.reproductions import norm_growth
from normshift.reproductions.cells import begun
from normshift.reproductions.run import Run
from normshift.train.loop import train
from tests.train.made_up import cell, shuffled

DATA = shuffled(range(2))


def one(norm: str = "batch", eps: float = 1e-8, **changes):
    made = cell(norm, **changes)
    return replace(made, norm=replace(made.norm, eps=eps))


@pytest.mark.parametrize("norm", ["batch", "none"])
def test_what_weights_grow_by_adds_up_to_the_networks_that_train_ends_with(norm):
    own = one(norm, steps=12)
    grown = norm_growth.growth(own, DATA).groupby("layer")["grown"].sum()
    _, ended = train([own], DATA, "serial", dtype=torch.float64, observing=False)
    for layer, first in enumerate(begun(own, DATA, torch.float64).hidden):
        last = ended[f"hidden.{layer}.linear.weight"][0].square().sum().item()
        assert grown[layer + 1] == pytest.approx(last - first.linear.weight.square().sum().item(), rel=1e-9)


@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_weights_before_batch_norm_grow_as_their_gradient_says(activation):
    table = norm_growth.growth(one(activation=activation), DATA)
    assert len(table) == 3 * 30
    assert table["error"].max() < norm_growth.MOST
    assert (table["grown"] > 0).all()


def test_the_error_is_what_eps_lets_batch_norm_see_of_the_length():
    small, large = (norm_growth.growth(one(eps=eps, steps=5), DATA)["error"] for eps in (1e-8, 1e-4))
    assert (large / small).median() == pytest.approx(1e4, rel=0.01)


def test_without_batch_norm_it_fails():
    assert norm_growth.growth(one("none"), DATA)["error"].median() > 100 * norm_growth.MOST


def test_lines_have_a_number_per_seed_and_limits_at_the_smallest_eps_only():
    arms = (("batch", 1e-8), ("batch", 1e-5), ("none", 1e-5))
    cells = [one(norm, eps, seed=seed, steps=5) for norm, eps in arms for seed in (0, 1)]
    lines, tables = norm_growth.found(Run(cells, DATA, {}))
    assert [line.high for line in lines] == [1e-3, 1e-3, None, None, None, None]
    assert all(len(line.present) == 2 for line in lines)
    assert all(first > second for first, second in zip(lines[0].found, lines[1].found, strict=True))
    assert [line.passed for line in lines[:2]] == [True, True]
    assert len(tables["growth"]["step"]) == 3 * 3 * 5
