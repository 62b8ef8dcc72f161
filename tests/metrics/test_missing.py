"""What has no distance: a NaN in a sample, a unit without spread, a single example."""

import math

import numpy as np
import pytest
from pytest import approx

from normshift.metrics import REGISTRY

EVERY_UNIT = pytest.mark.parametrize("name", sorted(REGISTRY))
# What is not named here is missing.
MOVED = {"energy_raw": 2, "ks": 1, "mean_shift_raw": 1, "w1_raw": 1, "w2_raw": 1}  # by 1, a constant or one example
STILL = {name: 0 for name in MOVED}


def _is(found, expected):
    assert found == approx(expected, rel=1e-12, abs=0, nan_ok=True)


@EVERY_UNIT
@pytest.mark.parametrize("size", [1, 15])
def test_a_constant_unit_and_a_single_example_have_no_scale(name, size):
    constant = np.full(size, 0.1)  # whose computed standard deviation is not 0
    _is(REGISTRY[name](constant, constant + 1), MOVED.get(name, math.nan))
    _is(REGISTRY[name](constant, constant - 1), MOVED.get(name, math.nan))
    _is(REGISTRY[name](constant, constant), STILL.get(name, math.nan))


@EVERY_UNIT
@pytest.mark.parametrize("order", [1, -1])
def test_a_unit_that_is_constant_once_is_never_at_distance_zero(name, order):
    before, after = [np.full(15, 0.1), np.linspace(-1, 2, 15)][::order]
    found = REGISTRY[name](before, after)
    missing = name == "sd_shift" or (name in {"jensen_shannon", "psi"} and order == 1)
    assert np.isnan(found) if missing else found > 0


@EVERY_UNIT
@pytest.mark.parametrize("state", [0, 1])
def test_a_missing_value_makes_its_own_unit_missing_alone(name, state):
    pair = np.sort(np.random.default_rng(0).normal(size=(2, 2, 3, 15)))
    whole = REGISTRY[name](*pair)
    pair[state, 1, 2, -1] = np.nan  # where sorting puts it
    expected = np.where([[False, False, False], [False, False, True]], np.nan, whole)
    np.testing.assert_array_equal(REGISTRY[name](*pair), expected)
    assert np.isnan(REGISTRY[name](np.full(3, np.nan), np.full(3, np.nan)))
