"""Decomposition D as observers see it: medians over units, in sigma."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from normshift import metrics
from normshift.observe.examples import examples

real = st.integers(-40, 40).map(lambda number: number / 8)
pairs = st.tuples(st.integers(1, 6), st.integers(1, 4)).flatmap(lambda size: arrays(float, (2, *size), elements=real))


def seen(before, after) -> np.ndarray:
    return examples(torch.from_numpy(before), torch.from_numpy(after)).numpy()


def median(values: list[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return float(np.median(known)) if known else math.nan


def naive(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """Unit by unit, as it is printed."""
    displacements, shares = [], []
    for one, two in zip(before.T, after.T, strict=True):
        moved, shifted = np.mean((two - one) ** 2), np.mean((np.sort(two) - np.sort(one)) ** 2)
        sigma = np.sqrt((one.var() + two.var()) / 2)
        displacements.append(np.sqrt(moved) / sigma if sigma > 0 else math.nan)
        shares.append(shifted / moved if moved > 0 else math.nan)
    return median(displacements), median(shares)


@given(pairs)
def test_displacement_and_share_equal_the_naive_twin(pair):
    np.testing.assert_allclose(seen(*pair), naive(*pair), rtol=1e-9)


@given(pairs)
def test_they_are_those_of_the_metric(pair):
    """The metric keeps samples last and leaves sigma to the table."""
    before, after = (np.ascontiguousarray(one.T) for one in pair)
    moved, shifted = np.moveaxis(metrics.examples(before, after), -1, 0)
    assert seen(*pair)[1] == pytest.approx(median(metrics.example_share(moved, shifted).tolist()), nan_ok=True)


@given(pairs)
def test_a_share_lies_in_zero_to_one(pair):
    share = seen(*pair)[1]
    assert math.isnan(share) or 0 <= share <= 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_rounding_never_takes_a_share_above_one_and_it_is_one_where_the_order_is_kept(dtype):
    draw = torch.Generator().manual_seed(0)
    sample = torch.randn(300, 37, 1, generator=draw, dtype=dtype)
    share = examples(sample, sample * (1 + torch.rand(300, 1, 1, generator=draw, dtype=dtype)) + 0.1)[:, 1]
    assert share.max() <= 1 and share.min() > 1 - 1e-5


def test_examples_that_change_places_leave_the_distribution():
    sample = np.random.default_rng(0).normal(size=(200, 3))
    displacement, share = seen(sample, sample[::-1].copy())
    assert displacement > 1 and share == 0


@given(pairs, st.sampled_from([0.25, 8.0]), st.integers(-3, 3))
def test_scale_and_place_do_not_matter(pair, scale, place):
    np.testing.assert_allclose(seen(*(scale * pair + place)), seen(*pair), rtol=1e-9)


@given(arrays(float, (2, 2, 3, 5, 2), elements=real))
def test_leading_axes_equal_a_loop(pair):
    loop = np.array([seen(*pair[:, a, b]) for a, b in np.ndindex(2, 3)]).reshape(2, 3, 2)
    np.testing.assert_allclose(seen(*pair), loop, rtol=1e-12)


def test_a_constant_unit_has_no_displacement_in_sigma_and_one_that_stays_no_share():
    still, moved = np.ones((4, 1)), np.full((4, 1), 3.0)
    np.testing.assert_array_equal(seen(still, moved), [math.nan, 1])
    np.testing.assert_array_equal(seen(still, still), [math.nan, math.nan])
    varied = np.arange(4.0)[:, None]
    np.testing.assert_array_equal(seen(varied, varied), [0, math.nan])


def test_a_missing_example_hides_its_unit_and_no_other():
    before, after = np.random.default_rng(0).normal(size=(2, 6, 3))
    before[2, 1] = math.nan
    np.testing.assert_allclose(seen(before, after), naive(before[:, [0, 2]], after[:, [0, 2]]))
    assert np.isnan(seen(before[:, 1:2], after[:, 1:2])).all()
