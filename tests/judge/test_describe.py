import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from normshift.judge.describe import POWER, described, holm, interval, sign_flip
from normshift.judge.rule import needed

from .made_up import registered

RULES = registered().rules


def all_flips(effects):
    sums = [abs(np.dot(signs, effects)) for signs in itertools.product([1, -1], repeat=len(effects))]
    return np.mean(np.array(sums) >= abs(np.sum(effects)) - 1e-12)


@pytest.mark.parametrize("n", [1, 2, 5, 8, 12])
@pytest.mark.parametrize("shift", [0.0, 0.5, -2.0])
def test_sign_flip_counts_all_flips(n, shift):
    effects = np.random.default_rng(n).standard_normal(n) + shift
    assert sign_flip(effects) == pytest.approx(all_flips(effects), abs=1e-15)


def test_sign_flip_equals_scipy():
    effects = np.random.default_rng(1).standard_normal(12) + 0.4
    result = stats.permutation_test(
        (effects,), np.mean, permutation_type="samples", n_resamples=np.inf, alternative="two-sided"
    )
    assert sign_flip(effects) == pytest.approx(result.pvalue, abs=1e-12)


def test_sign_flip_of_tied_effects_counts_ties():
    effects = np.array([0.1, 0.2, 0.3, 0.1, 0.2, 0.3])
    assert sign_flip(effects) == pytest.approx(all_flips(effects), abs=1e-15)
    assert sign_flip(np.full(12, 0.1)) == 2 / 2**12
    assert sign_flip(np.zeros(12)) == 1.0


@settings(max_examples=20)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_equals_statsmodels(values):
    adjusted = holm({str(number): p for number, p in enumerate(values)})
    assert np.allclose(list(adjusted.values()), multipletests(values, method="holm")[1], rtol=1e-12, atol=0)


def test_holm_leaves_out_claims_without_a_p():
    adjusted = holm({"a": 0.01, "b": math.nan, "c": 0.04})
    assert adjusted["a"] == 0.02 and adjusted["c"] == 0.04 and math.isnan(adjusted["b"])


def test_interval_is_students():
    effects = np.random.default_rng(2).standard_normal(12)
    expected = stats.ttest_1samp(effects, 0).confidence_interval(0.95)
    assert interval(effects) == pytest.approx(tuple(expected))


@pytest.mark.parametrize("seeds", [12, 16, 24])
def test_the_rule_finds_the_detectable_effect_as_often_as_said(seeds):
    effects = np.random.default_rng(3).standard_normal(seeds)
    words = described(effects, 0.3, RULES)
    each = stats.norm.cdf((words.detectable - 0.3) / words.sd)
    assert stats.binom.sf(needed(seeds, RULES.tail) - 1, seeds, each) == pytest.approx(POWER)


@pytest.mark.parametrize("value", [0.0, 0.7, -3.0])
def test_constant_effects_are_described_without_a_warning(value):
    words = described([value] * 12, 0.1, RULES)
    assert (words.mean, words.median, words.low, words.high, words.sd) == pytest.approx((value,) * 4 + (0.0,))


def test_missing_effects_are_counted_and_left_out():
    words = described([1.0, np.nan, 3.0], 0.1, RULES)
    assert (words.seeds, words.missing, words.mean) == (3, 1, 2.0)
    nothing = described([np.nan] * 12, 0.1, RULES)
    assert nothing.missing == 12 and math.isnan(nothing.mean) and math.isnan(nothing.p)
    alone = described([1.0], 0.1, RULES)
    assert alone.mean == 1.0 and math.isnan(alone.low) and math.isnan(alone.sd)
