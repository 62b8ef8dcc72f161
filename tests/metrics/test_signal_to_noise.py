import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import ttest_1samp

from normshift.metrics import signal_to_noise

from .samples import values

entries = arrays(float, st.tuples(st.integers(1, 3), st.integers(1, 9)), elements=values)


@given(entries)
def test_ratio_equals_the_naive_twin_over_any_leading_axes(increments):
    found = signal_to_noise(increments)
    for entry, series in zip(found, increments.tolist(), strict=True):
        moves = len(set(series)) > 1
        expected = abs(statistics.fmean(series)) / statistics.stdev(series) if moves else math.nan
        np.testing.assert_allclose(entry, expected, rtol=1e-9, atol=1e-12)


@given(entries.filter(lambda increments: np.ptp(increments, axis=-1).all()))
def test_ratio_is_scipys_t_over_the_root_of_the_times(increments):
    t = ttest_1samp(increments, 0, axis=-1).statistic
    np.testing.assert_allclose(signal_to_noise(increments), np.abs(t) / np.sqrt(increments.shape[-1]), atol=1e-12)


@given(entries, st.sampled_from([-1e6, 0.25]))
def test_ratio_does_not_depend_on_the_unit(increments, factor):
    np.testing.assert_allclose(signal_to_noise(factor * increments), signal_to_noise(increments), rtol=1e-9, atol=1e-12)


def test_pure_noise_has_the_ratio_that_the_docstring_says():
    noise = np.random.default_rng(0).normal(size=(4000, 100))
    assert signal_to_noise(noise).mean() == pytest.approx(math.sqrt(2 / (math.pi * 100)), rel=0.05)
    assert signal_to_noise(noise + 3).mean() == pytest.approx(3, rel=0.01)


def test_a_constant_a_single_time_and_a_missing_one_have_no_ratio():
    assert np.std(np.full(15, 0.1)) > 0  # rounding
    assert np.isnan(signal_to_noise(np.stack([np.full(15, 0.1), np.r_[np.nan, np.arange(14.0)]]))).all()
    for count in (0, 1):
        assert np.isnan(signal_to_noise(np.ones((2, count)))).tolist() == [True, True]
