import itertools
import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from normshift.metrics import diffusion_exponent, mean_squared_displacement

LAGS = (1, 2, 3)
units = arrays(float, st.tuples(st.integers(1, 3), st.integers(5, 9)), elements=st.integers(-8, 8))


def _naive(paths, lags):
    """Subtract each unit's line from start to end, pool the squares of all units and times, fit a line by formula."""
    count = len(paths[0]) - 1
    squared = []
    for lag in lags:
        apart = [
            (path[time + lag] - path[time] - lag * (path[-1] - path[0]) / count) ** 2
            for path in paths
            for time in range(count + 1 - lag)
        ]
        squared.append(statistics.fmean(apart) / (1 - lag / count))
    if min(squared) < 1e-20:
        return math.nan
    return statistics.linear_regression([math.log(lag) for lag in lags], [math.log(each) for each in squared]).slope


def _power(squared, lags):
    return np.polyfit(np.log(lags), np.log(squared), 1)[0]


@given(units)
def test_exponent_equals_the_naive_twin(paths):
    np.testing.assert_allclose(diffusion_exponent(paths, LAGS), _naive(paths.tolist(), LAGS), rtol=1e-7, atol=1e-7)


@given(units)
def test_mean_squared_displacement_equals_its_definition(paths):
    expected = [np.mean([(b - a) ** 2 for path in paths for a, b in zip(path, path[k:], strict=False)]) for k in LAGS]
    np.testing.assert_allclose(mean_squared_displacement(paths, np.array(LAGS)), expected)


@given(
    arrays(
        float,
        st.tuples(st.integers(1, 2), st.integers(1, 3), st.integers(1, 2), st.just(6)),
        elements=st.integers(-8, 8),
    )
)
def test_leading_axes_equal_a_loop(paths):
    loop = [diffusion_exponent(paths[place], LAGS) for place in np.ndindex(paths.shape[:2])]
    np.testing.assert_allclose(diffusion_exponent(paths, LAGS), np.reshape(loop, paths.shape[:2]), rtol=1e-12)


@given(arrays(float, 5, elements=st.integers(-8, 8)))
def test_increments_in_all_orders_together_give_exactly_one_however_few(increments):
    walks = np.array([np.cumsum([0, *order]) for order in itertools.permutations(increments)])
    expected = math.nan if np.ptp(increments) == 0 else 1.0
    np.testing.assert_allclose(diffusion_exponent(walks, (1, 2, 3, 4)), expected, rtol=1e-9)


@given(units, arrays(float, 3, elements=st.integers(-8, 8)), st.sampled_from([-4.0, 0.125]))
def test_drift_origin_and_unit_change_nothing(paths, drift, factor):
    marched = factor * (paths + 5 + drift[: len(paths), None] * np.arange(paths.shape[-1]))
    expected = diffusion_exponent(paths, LAGS)
    np.testing.assert_allclose(diffusion_exponent(marched, LAGS), expected, rtol=1e-7, atol=1e-7)


def test_a_random_walk_gives_one_with_and_without_a_march():
    walks = np.random.default_rng(0).normal(size=(20, 50, 41)).cumsum(axis=-1)
    found = diffusion_exponent(walks, (1, 2, 5, 10))
    error = 4 * found.std() / np.sqrt(20)
    assert error < 0.1
    assert found.mean() == pytest.approx(1, abs=error)
    assert diffusion_exponent(walks + np.arange(41.0), (1, 2, 5, 10)) == pytest.approx(found)


def test_a_march_gives_two_before_its_drift_is_subtracted_and_nothing_after():
    march = np.outer([1.0, -0.3], np.arange(30)) + 0.7
    assert _power(mean_squared_displacement(march, np.array(LAGS)), LAGS) == pytest.approx(2)
    assert np.isnan(diffusion_exponent(march, LAGS))


def test_a_march_that_turns_gives_two_below_the_time_it_takes():
    turning = np.cos(np.linspace(0, 2 * np.pi, 1001))[None]
    assert diffusion_exponent(turning, (1, 2, 5, 10)) == pytest.approx(2, abs=0.01)


@pytest.mark.parametrize("count", [20, 41, 1001])
def test_a_stationary_process_gives_little_more_than_zero_up_to_a_tenth_of_the_window(count):
    noise = np.random.default_rng(0).normal(size=(4000, count))
    lags = np.unique(np.geomspace(1, (count - 1) // 10 + 1e-9, 5).astype(int)) if count > 20 else (1, 2)
    assert 0 < diffusion_exponent(noise, lags) < 0.1


def test_units_are_pooled_before_the_log():
    walk, still = np.random.default_rng(0).normal(size=(1, 60)).cumsum(axis=-1), np.zeros((1, 60))
    found = diffusion_exponent(np.concatenate([walk, still]), LAGS)
    assert found == pytest.approx(diffusion_exponent(walk, LAGS))


@pytest.mark.parametrize(("times", "lags"), [(1, LAGS), (4, LAGS), (9, (2,)), (9, (2, 2)), (9, ())])
def test_too_few_times_or_lags_have_no_exponent(times, lags):
    paths = np.random.default_rng(0).normal(size=(3, 2, times))
    assert np.isnan(diffusion_exponent(paths, lags)).tolist() == [True] * 3


def test_the_shortest_window_holds_one_time_more_than_the_longest_lag_and_its_start():
    assert np.isfinite(diffusion_exponent(np.array([[0.0, 3.0, 1.0, 2.0, 7.0]]), LAGS))


def test_what_is_constant_or_missing_has_no_exponent():
    constant, missing = np.full((2, 9), 0.1), np.arange(18.0).reshape(2, 9) ** 2
    missing[1, 4] = np.nan
    assert np.isnan(diffusion_exponent(np.stack([constant, missing]), LAGS)).all()
