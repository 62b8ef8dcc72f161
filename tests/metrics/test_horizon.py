import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normshift.metrics import horizon

STEPS = (1, 10, 20)
drifts = st.lists(st.one_of(st.integers(0, 32).map(lambda n: n / 16), st.just(math.nan)), min_size=3, max_size=3)


def _naive(drift, steps, level):
    """Walk along the curve in thousandths of ln k until it lies above the level."""
    for place, value in enumerate(drift):
        if math.isnan(value):
            return math.nan, False
        if value > level:
            if place == 0:
                return steps[0], False
            low, begin, end = drift[place - 1], math.log(steps[place - 1]), math.log(steps[place])
            walk = (thousandth / 1000 for thousandth in range(1001))
            at = next(part for part in walk if low + part * (value - low) >= level)
            return math.exp(begin + at * (end - begin)), False
    return steps[-1], True


@given(st.lists(drifts, min_size=1, max_size=5))
def test_horizon_equals_the_naive_twin(curves):
    found, censored = horizon(np.array(curves), STEPS, 0.75)
    for place, curve in enumerate(curves):
        expected, beyond = _naive(curve, STEPS, 0.75)
        np.testing.assert_allclose(found[place], expected, rtol=3e-3)
        assert censored[place] == beyond


def test_horizon_interpolates_in_log_k():
    found, censored = horizon(np.array([0.0, 1.0, 5.0]), STEPS, 0.5)
    assert (found, censored) == (pytest.approx(math.sqrt(10)), False)


def test_drift_beyond_at_once_and_drift_never_beyond():
    found, censored = horizon(np.array([[2.0, 0.1, 0.1], [0.1, 0.2, 0.3], [0.1, 0.2, 1.0]]), STEPS, 1.0)
    assert found.tolist() == [1, 20, 20]
    assert censored.tolist() == [False, True, True]


def test_what_is_missing_after_the_crossing_does_not_matter():
    found, _ = horizon(np.array([[0.0, 1.0, math.nan], [0.0, math.nan, 1.0]]), STEPS, 0.5)
    assert found[0] == pytest.approx(math.sqrt(10))
    assert np.isnan(found[1])


@given(drifts)
def test_a_higher_level_is_never_reached_earlier(curve):
    low, high = (horizon(np.array(curve), STEPS, level)[0] for level in (0.3, 0.9))
    assert not low > high
