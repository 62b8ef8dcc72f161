"""What every distance between samples must do."""

import itertools
import math
import statistics

import numpy as np
import ot
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, wasserstein_distance

from normshift.metrics import REGISTRY

from .samples import pairs, stacks, values

EVERY = pytest.mark.parametrize("name", sorted(REGISTRY))
RAW = {name for name in REGISTRY if name.endswith("_raw")}


def _sigma(before, after):
    sigma = math.sqrt((statistics.pvariance(before) + statistics.pvariance(after)) / 2)
    return sigma if sigma > 0 else math.nan


def _mean_shift_raw(before, after):
    return abs(statistics.fmean(after) - statistics.fmean(before))


def _sd_shift(before, after):
    sds = statistics.pstdev(before), statistics.pstdev(after)
    return abs(math.log(sds[1] / sds[0])) if min(sds) > 0 else math.nan


def _transport(before, after, power):
    """Cheapest way of moving one sample onto the other, by trying every assignment (Monge)."""
    ways = itertools.permutations(after)
    return min(statistics.fmean(abs(x - y) ** power for x, y in zip(before, way, strict=True)) for way in ways)


NAIVE = {
    "mean_shift_raw": _mean_shift_raw,
    "mean_shift": lambda before, after: _mean_shift_raw(before, after) / _sigma(before, after),
    "sd_shift": _sd_shift,
    "w1_raw": lambda before, after: _transport(before, after, 1),
    "w1": lambda before, after: _transport(before, after, 1) / _sigma(before, after),
    "w2_raw": lambda before, after: math.sqrt(_transport(before, after, 2)),
    "w2": lambda before, after: math.sqrt(_transport(before, after, 2)) / _sigma(before, after),
}


def test_every_distance_has_a_naive_twin():
    assert set(NAIVE) == set(REGISTRY)


def _equal(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@EVERY
@given(pair=st.integers(1, 5).flatmap(lambda size: st.tuples(*[st.lists(values, min_size=size, max_size=size)] * 2)))
def test_distance_equals_its_naive_twin(name, pair):
    before, after = (sorted(sample) for sample in pair)
    _equal(REGISTRY[name](np.array(before), np.array(after)), NAIVE[name](before, after))


@EVERY
@given(pair=pairs)
def test_equal_samples_are_at_distance_zero(name, pair):
    found = REGISTRY[name](pair[0], pair[0])
    assert found == 0 or (np.isnan(found) and name not in RAW and np.ptp(pair[0]) == 0)


@EVERY
@given(pair=pairs)
def test_distance_is_symmetric_and_never_negative(name, pair):
    found = REGISTRY[name](*pair)
    np.testing.assert_array_equal(found, REGISTRY[name](*pair[::-1]))
    assert not found < 0


@EVERY
@given(pair=pairs, offset=values)
def test_moving_both_samples_changes_nothing(name, pair, offset):
    _equal(REGISTRY[name](pair[0] + offset, pair[1] + offset), REGISTRY[name](*pair))


@EVERY
@given(pair=pairs, factor=st.sampled_from([-2.0, 0.25, 3.0]))
def test_raw_distances_scale_with_the_samples_and_the_others_do_not(name, pair, factor):
    wide = [np.sort(factor * sample) for sample in pair]
    _equal(REGISTRY[name](*wide), REGISTRY[name](*pair) * (abs(factor) if name in RAW else 1))


@EVERY
@given(pair=stacks)
def test_leading_axes_equal_a_loop(name, pair):
    before, after = pair
    places = np.ndindex(before.shape[:-1])
    loop = np.array([REGISTRY[name](before[place], after[place]) for place in places]).reshape(before.shape[:-1])
    np.testing.assert_array_equal(REGISTRY[name](before, after), loop)


@pytest.mark.parametrize(("mean", "sd"), [(0.5, 1.0), (0.0, 2.0), (-1.5, 0.4)])
def test_closed_forms_for_gaussians(mean, sd):
    before = norm.ppf((np.arange(200_000) + 0.5) / 200_000)
    after = mean + sd * before
    pooled = math.sqrt((1 + sd**2) / 2)
    difference = norm(mean, abs(sd - 1))  # of order statistics
    w1 = abs(mean) if sd == 1 else difference.expect(abs)
    expected = {
        "mean_shift_raw": abs(mean),
        "mean_shift": abs(mean) / pooled,
        "sd_shift": abs(math.log(sd)),
        "w1_raw": w1,
        "w1": w1 / pooled,
        "w2_raw": math.hypot(mean, sd - 1),
        "w2": math.hypot(mean, sd - 1) / pooled,
    }
    found = {name: REGISTRY[name](before, after) for name in REGISTRY}
    assert found == pytest.approx(expected, rel=1e-3, abs=1e-9)


@given(pair=pairs)
def test_wasserstein_distances_equal_scipy_and_pot(pair):
    _equal(REGISTRY["w1_raw"](*pair), wasserstein_distance(*pair))
    _equal(REGISTRY["w2_raw"](*pair) ** 2, ot.emd2_1d(*pair, metric="sqeuclidean"))


@EVERY
def test_a_constant_unit_has_no_scale(name):
    constant = np.full(15, 0.1)  # whose computed standard deviation is not 0
    found = REGISTRY[name](constant, constant + 1)
    assert found == pytest.approx(1) if name in RAW else np.isnan(found)


@pytest.mark.parametrize("name", ["mean_shift", "w1", "w2"])
def test_least_sigma_bounds_what_a_narrow_unit_shows(name):
    before = np.linspace(0, 1e-6, 15)
    assert REGISTRY[name](before, before + 1, 0.05) == pytest.approx(20)
    assert REGISTRY[name](np.zeros(15), np.ones(15), 0.05) == pytest.approx(20)
    wide = np.linspace(0, 10, 15)
    assert REGISTRY[name](wide, wide + 1, 0.05) == REGISTRY[name](wide, wide + 1)
