"""What has no distance: a NaN in a sample, a unit without spread, a single example."""

import math

import numpy as np
import pytest
from pytest import approx

from normshift.metrics import JOINT, REGISTRY

EVERY_UNIT = pytest.mark.parametrize("name", sorted(REGISTRY))
EVERY_LAYER = pytest.mark.parametrize("name", sorted(JOINT))
# What is not named here is missing.
MOVED = {
    "energy_raw": 2,
    "ks": 1,
    "mean_shift_raw": 1,
    "sd_shift_raw": 0,
    "w1_raw": 1,
    "w2_raw": 1,
}  # by 1, a constant or one example
STILL = {name: 0 for name in MOVED}
SINGLE_LAYER = {"joint_energy_raw": 4, "sliced_w2_raw": 1}  # 4 units moved by 1: twice their distance, 2
CONSTANT_LAYER = {**SINGLE_LAYER, "c2st": 1, "mmd": 2 - 2 * math.exp(-1 / 2)}  # the width is the distance
STILL_SINGLE_LAYER = {name: 0 for name in SINGLE_LAYER}
STILL_CONSTANT_LAYER = {**STILL_SINGLE_LAYER, "c2st": 0.5}


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


@EVERY_LAYER
def test_a_single_example_of_a_layer(name):
    single = np.full((1, 4), 0.1)
    _is(JOINT[name](single, single + 1), SINGLE_LAYER.get(name, math.nan))
    _is(JOINT[name](single, single), STILL_SINGLE_LAYER.get(name, math.nan))


@EVERY_LAYER
def test_a_constant_layer(name):
    constant = np.full((15, 4), 0.1)
    _is(JOINT[name](constant, constant + 1), CONSTANT_LAYER.get(name, math.nan))
    _is(JOINT[name](constant, constant), STILL_CONSTANT_LAYER.get(name, math.nan))


@EVERY_LAYER
@pytest.mark.parametrize("order", [1, -1])
def test_a_layer_that_is_constant_once_is_never_at_distance_zero(name, order):
    pair = [np.full((15, 4), 0.1), np.random.default_rng(0).normal(size=(15, 4))][::order]
    assert np.isnan(JOINT[name](*pair)) if name == "cka" else JOINT[name](*pair) > 0


@pytest.mark.parametrize("name", ["c2st", "cka", "joint_energy_raw", "mmd"])
def test_a_constant_unit_among_others_adds_nothing(name):
    before, after = np.random.default_rng(0).normal(size=(2, 30, 3))
    dead = np.full((30, 1), 0.1)
    found = JOINT[name](np.hstack([before, dead]), np.hstack([after, dead]))
    assert found == pytest.approx(JOINT[name](before, after), rel=1e-12)


@EVERY_LAYER
@pytest.mark.parametrize("state", [0, 1])
def test_a_missing_value_makes_its_own_layer_missing_alone(name, state):
    pair = np.random.default_rng(0).normal(size=(2, 2, 15, 3))
    whole = JOINT[name](*pair)
    pair[state, 1, 7, 2] = np.nan
    np.testing.assert_array_equal(JOINT[name](*pair), np.where([False, True], np.nan, whole))
    assert np.isnan(JOINT[name](np.full((3, 2), np.nan), np.full((3, 2), np.nan)))
