"""The two arms of the negative control: weights a power of two longer train alike to the last bit."""

from dataclasses import replace

import numpy as np
import pytest

from normshift.train.loop import train
from normshift.train.stacks import rate_of
from tests.train.made_up import EVERY, cell, shuffled

DATA = shuffled(range(4))
PLAIN, SCALED = (next(norm for norm in EVERY if norm.name == name) for name in ("eps_0", "eps_0_scaled"))
HIDDEN = rate_of("hidden.0.linear.weight")


@pytest.mark.parametrize("program", ["stacked", "serial"])
@pytest.mark.parametrize("regime", ["clean", "fresh"])
@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_longer_weights_that_learn_faster_are_the_same_network_to_the_last_bit(program, regime, activation):
    base = cell(activation=activation, regime=regime, lr=1.0, steps=200)
    (one, plain), (other, scaled) = (
        train([replace(base, norm=norm)], DATA, program=program) for norm in (PLAIN, SCALED)
    )
    for name, value in plain.items():
        factor = SCALED.scale if rate_of(name) == HIDDEN else 1.0
        np.testing.assert_array_equal(scaled[name].numpy(), factor * value.numpy(), err_msg=name)
    np.testing.assert_array_equal(other[0]["quantiles"], one[0]["quantiles"])
