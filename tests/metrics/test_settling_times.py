"""Tortuosity, the last exit from a band, and the first arrival at 90 % of the way."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from normshift.metrics import band_exit, t_90, tortuosity

from .samples import values

trajectories = arrays(float, st.tuples(st.integers(1, 3), st.integers(1, 8)), elements=st.integers(-4, 4))
bands = st.integers(0, 12).map(lambda number: number / 4)


def _naive_exit(trajectory, band):
    """Go back from the end for as long as the trajectory is inside."""
    if len(trajectory) < 2:
        return math.nan
    time = len(trajectory) - 1
    while time > 0 and abs(trajectory[time - 1] - trajectory[-1]) <= band:
        time -= 1
    return time / (len(trajectory) - 1)


def _naive_t_90(trajectory):
    start, end = trajectory[0], trajectory[-1]
    if start == end:
        return math.nan
    there = (time for time, place in enumerate(trajectory) if (place - start) / (end - start) >= 0.9)
    return next(there) / (len(trajectory) - 1)


@given(trajectories, bands)
def test_band_exit_equals_going_back_from_the_end_over_any_leading_axes(paths, band):
    expected = [_naive_exit(path, band) for path in paths.tolist()]
    np.testing.assert_array_equal(band_exit(paths, band), expected)
    np.testing.assert_array_equal(band_exit(paths, np.full(len(paths), band)), expected)


@given(trajectories)
def test_t_90_equals_a_walk_along_the_trajectory_over_any_leading_axes(paths):
    np.testing.assert_array_equal(t_90(paths), [_naive_t_90(path) for path in paths.tolist()])


@given(trajectories, bands, bands)
def test_what_stays_in_a_band_stays_in_a_wider_one_from_no_later_time(paths, band, more):
    assert not (band_exit(paths, band + more) > band_exit(paths, band)).any()


@given(trajectories, st.sampled_from([-3.0, 0.25]), values)
def test_times_depend_on_neither_unit_nor_origin(paths, factor, offset):
    moved = factor * paths + offset
    np.testing.assert_array_equal(t_90(moved), t_90(paths))
    np.testing.assert_array_equal(band_exit(moved, abs(factor) * 1.5), band_exit(paths, 1.5))


def test_each_entry_has_its_own_band():
    path = np.array([4.0, 2.0, 1.0, 0.0])
    assert band_exit(np.stack([path] * 4), np.array([5.0, 2.0, 1.0, 0.5])).tolist() == [0, 1 / 3, 2 / 3, 1]


def test_the_first_time_and_the_last_but_one_outside_are_told_apart_from_never():
    paths = np.array([[0.0, 0.0, 0.0], [9.0, 0.0, 0.0], [0.0, 9.0, 0.0]])
    assert band_exit(paths, 1.0).tolist() == [0, 0.5, 1]


def test_a_march_is_there_at_nine_tenths_and_a_move_the_other_way_is_none():
    assert t_90(np.arange(11.0)) == pytest.approx(0.9)
    assert t_90(np.array([0.0, -5.0, 0.5, 1.0])) == 1


def test_t_90_calls_a_random_walk_settled_before_half_time_in_every_second_case():
    walks = np.random.default_rng(0).normal(size=(4000, 400)).cumsum(axis=-1)
    assert (t_90(walks) < 0.5).mean() == pytest.approx(0.53, abs=0.03)


def test_what_fluctuates_beyond_the_band_leaves_it_near_the_end_however_early_it_got_there():
    assert np.median(band_exit(np.random.default_rng(0).normal(size=(400, 200)), 0.129)) > 0.98


def test_times_of_what_is_constant_short_or_missing():
    assert np.isnan(t_90(np.full((2, 5), 0.1))).all()
    assert (band_exit(np.full((2, 5), 0.1), 0.0) == 0).all()
    assert np.isnan(t_90(np.ones((2, 1)))).all() and np.isnan(band_exit(np.ones((2, 1)), 1.0)).all()
    paths = np.array([[0.0, math.nan, 1.0], [math.nan, 0.0, 1.0], [0.0, 1.0, math.nan]])
    assert np.isnan(t_90(paths)).all() and np.isnan(band_exit(paths, 0.5)).all()
    assert np.isnan(band_exit(np.array([[0.0, 1.0], [0.0, 1.0]]), np.array([math.nan, 0.5]))).tolist() == [True, False]


@given(st.lists(st.lists(values, min_size=2, max_size=2), min_size=1, max_size=6))
def test_tortuosity_is_arc_over_chord_and_at_least_one(steps):
    path, net = sum(math.hypot(*step) for step in steps), math.hypot(*map(sum, zip(*steps, strict=True)))
    found = tortuosity(np.array([path, 3 * path]), np.array([net, 3 * net]))
    if net == 0:
        assert np.isnan(found).all()
    else:
        assert found == pytest.approx([path / net] * 2)
        assert (found >= 1 - 1e-12).all()


def test_a_straight_path_has_tortuosity_one_and_a_walk_the_root_of_its_steps():
    assert tortuosity(np.array(7.0), np.array(7.0)) == 1
    walks = np.random.default_rng(0).normal(size=(400, 100, 30))
    path, net = np.linalg.norm(walks, axis=-1).sum(-1), np.linalg.norm(walks.sum(1), axis=-1)
    assert tortuosity(path, net).mean() == pytest.approx(10, rel=0.05)


def test_tortuosity_of_what_is_missing_is_missing():
    assert np.isnan(tortuosity(np.array([math.nan, 1.0]), np.array([1.0, math.nan]))).all()
