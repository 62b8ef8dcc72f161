import itertools
import math
import statistics

import numpy as np
import ot
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from normshift.metrics import example_share, examples, w2_raw

from .samples import values

paired = st.integers(1, 5).flatmap(lambda size: arrays(float, (2, size), elements=values))


def _naive(before, after):
    """Both as they are printed, W2^2 by trying every assignment."""
    costs = [
        statistics.fmean((later - value) ** 2 for value, later in zip(before, way, strict=True))
        for way in itertools.permutations(after)
    ]
    return costs[0], min(costs)


def _ordered(before, after):
    return all((x - y) * (u - v) >= 0 for (x, u), (y, v) in itertools.combinations(zip(before, after, strict=True), 2))


@given(paired)
def test_displacement_and_distance_equal_the_naive_twin(pair):
    np.testing.assert_allclose(examples(*pair), _naive(*pair.tolist()), rtol=1e-12, atol=1e-12)


@given(paired)
def test_distance_equals_pots_and_that_of_the_sorted_samples(pair):
    squared = examples(*pair)[1]
    assert squared == pytest.approx(ot.emd2_1d(*pair, metric="sqeuclidean"))
    assert squared == pytest.approx(w2_raw(*np.sort(pair)) ** 2)


@given(paired)
def test_share_lies_in_zero_to_one_and_is_one_only_where_the_order_is_kept(pair):
    share = example_share(*examples(*pair))
    if np.array_equal(*pair):
        assert np.isnan(share)
    else:
        assert 0 <= share <= 1
        assert (share > 1 - 1e-12) == _ordered(*pair.tolist())


@given(paired, st.sampled_from([-1, 0, 1]), st.randoms(use_true_random=False))
def test_the_order_of_the_examples_does_not_matter_only_its_being_the_same(pair, offset, chance):
    places = list(range(pair.shape[1]))
    chance.shuffle(places)
    np.testing.assert_allclose(examples(*pair[:, places] + offset), examples(*pair), rtol=1e-12, atol=1e-12)


def test_examples_that_change_places_leave_the_distribution_and_a_moved_one_keeps_them():
    sample = np.random.default_rng(0).normal(size=200)
    swapped, moved = examples(sample, sample[::-1]), examples(sample, 2 * sample + 1)
    assert swapped[0] > 1 and swapped[1] == 0
    assert example_share(*swapped) == 0
    assert example_share(*moved) == pytest.approx(1)


def test_rounding_never_takes_the_share_above_one():
    draw = np.random.default_rng(0)
    sample = draw.normal(size=(500, 37))
    found = examples(sample, sample * draw.uniform(1, 2, size=(500, 1)) + 0.1)
    assert example_share(found[:, 0], found[:, 1]).max() <= 1


@given(arrays(float, st.tuples(st.just(2), st.integers(1, 2), st.integers(1, 3), st.integers(1, 5)), elements=values))
def test_leading_axes_equal_a_loop(pair):
    found = examples(*pair)
    loop = np.array([examples(*pair[:, a, b]) for a, b in np.ndindex(pair.shape[1:3])]).reshape(found.shape)
    np.testing.assert_allclose(found, loop, rtol=1e-12)
    np.testing.assert_allclose(example_share(found[..., 0], found[..., 1]), example_share(loop[..., 0], loop[..., 1]))


def test_a_single_example_moves_with_its_distribution_and_a_missing_one_hides_both():
    assert examples(np.array([1.0]), np.array([3.0])).tolist() == [4, 4]
    found = examples(np.array([1.0, math.nan, 2.0]), np.array([0.0, 1.0, 2.0]))
    assert np.isnan(found).all() and np.isnan(example_share(*found))
