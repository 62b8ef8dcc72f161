"""Rates that an arm changes, in what networks really leave: longer weights, gammas that learn otherwise."""

from dataclasses import asdict, replace

import numpy as np
import pytest
import torch

from normshift.grid import Planned
from normshift.measure.gradients import effective_rates
from normshift.measure.group import Group, described, groups
from normshift.measure.updates import updates
from normshift.params import Norm
from normshift.train.gather import cells_table, gathered
from normshift.train.loop import train
from tests.train.made_up import ARMS, cell, shuffled

from .made_up import RULES, study

PLAIN = Norm("eps_0", "batch", True, True, eps=1e-30)
SCALED = replace(PLAIN, name="eps_0_scaled", scale=4.0)
DATA = shuffled(range(2), 16, 60)


def _group(arm: Norm) -> Group:
    one = replace(cell(lr=0.1, steps=60, seed=1), norm=arm)
    made, _ = train([one], DATA, dtype=torch.float64)
    known = replace(study(), options={"norm": {arm.name: asdict(arm)}})
    (only,) = groups(
        dict(gathered([one], made.__getitem__)), described(cells_table([Planned(one, "judged")], ["0"]), known)
    )
    return only


def test_longer_weights_that_learn_faster_turn_at_the_same_effective_rate():
    plain, scaled = (effective_rates(_group(arm), RULES) for arm in (PLAIN, SCALED))
    np.testing.assert_allclose(scaled["weight_norm"], 4 * plain["weight_norm"], rtol=1e-5)
    np.testing.assert_allclose(scaled["effective_rate"], plain["effective_rate"], rtol=1e-5)


@pytest.mark.parametrize(
    "name",
    ["batch", "beta", "gamma", "frozen", "frozen_at_10", "weights_frozen_at_10", "rate_0", "rate_001", "rate_10"],
)
def test_gamma_and_beta_take_the_step_of_their_own_rate(name):
    assert updates(_group(ARMS[name]), RULES)["residual"].max() < 1e-6
