"""Paths that are kept as steps in half precision."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from normshift.records import decoded, increments

ULP, LEAST = 2.0**-11, 2.0**-25  # half a unit in the last place, relative; of subnormal numbers, absolute
numbers = st.floats(-1e4, 1e4, width=32)
paths = arrays(np.float32, st.tuples(st.integers(1, 12), st.integers(1, 3)), elements=numbers)


def followed(path: np.ndarray) -> np.ndarray:
    return decoded(path[0], increments(path), axis=0)


def bound(path: np.ndarray, reached: np.ndarray) -> np.ndarray:
    """What half precision may lose of each step: from where the ones before lead to where the path goes."""
    own = np.abs(np.diff(path.astype(float), axis=0)) + np.abs(reached - path)[:-1]
    return np.maximum(ULP * own, LEAST) + 1e-12 * np.abs(path).max()


@given(paths)
def test_a_decoded_point_is_off_by_no_more_than_half_precision_loses_of_its_own_last_step(path):
    reached = followed(path)
    assert (reached[0] == path[0]).all()
    assert (np.abs(reached - path)[1:] <= bound(path, reached)).all()


@given(paths.filter(lambda path: len(path) > 1))
def test_steps_equal_their_naive_twin(path):
    steps, reached = increments(path), [float(value) for value in path[0]]
    assert steps.dtype == np.float16 and not steps[0].any()
    for time in range(1, len(path)):
        for unit in range(path.shape[1]):
            step = np.float16(float(path[time, unit]) - reached[unit])
            assert steps[time, unit] == step
            reached[unit] += float(step)


@pytest.mark.parametrize("size", [1e-7, 1e-4, 1e-2, 3.0])
def test_errors_do_not_add_up_over_ten_thousand_steps(size):
    """Where steps were rounded each by itself the error of a walk would grow as the root of their number."""
    path = 1 + np.cumsum(size * np.random.default_rng(0).normal(size=(10_001, 4)), axis=0)
    reached = followed(path)
    error = np.abs(reached - path)[1:]
    assert (error <= bound(path, reached)).all()
    assert error[-1000:].max() <= max(ULP * 6 * size, LEAST) * 1.001
    alone = decoded(path[0], np.diff(path, axis=0, prepend=path[:1]).astype(np.float16), axis=0)
    assert np.abs(alone - path).max() > 5 * error.max()


def test_a_slow_drift_is_not_lost_between_the_numbers_of_half_precision():
    path = np.linspace(0, 1e-5, 10_001)[:, None]  # 1e-9 a step, the least number being 6e-8
    assert np.abs(followed(path) - path).max() <= LEAST


@given(arrays(float, (5, 2, 3), elements=st.integers(-9, 9)))
def test_leading_axes_equal_a_loop_and_any_axis_may_be_that_of_time(path):
    for first in range(2):
        np.testing.assert_array_equal(increments(path)[:, first], increments(path[:, first]))
    moved = np.moveaxis(path, 0, 1)
    np.testing.assert_array_equal(decoded(moved[:, 0], np.moveaxis(increments(path), 0, 1), axis=1), moved)


def test_a_step_beyond_half_precision_ends_a_path():
    steps = increments(np.array([[0.0], [1e4], [1e5], [0.0], [math.nan]]))
    assert steps[:2, 0].tolist() == [0, 1e4] and np.isnan(steps[2:]).all()


def test_a_path_of_one_point_has_no_step():
    assert followed(np.array([[2.0, 3.0]])).tolist() == [[2, 3]]
