import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from normshift.judge.doses import fitted, heterogeneity, rise, sound, usual

from .made_up import JUDGED, UNLIKE, hypergeometric, study, together

H = np.array([0.00003, 0.0015, 0.008, 0.09])


def frame(values):
    return pd.DataFrame(np.atleast_2d(values))


@given(st.integers(0, 20), st.integers(3, 6))
def test_rise_equals_numpys_line_on_the_root(seed, doses):
    random = np.random.default_rng(seed)
    values, known = random.normal(size=(4, doses)), random.uniform(0, 0.1, size=(4, doses))
    found = rise(frame(values), frame(known))
    for row in range(4):
        line = np.polyfit(np.sqrt(known[row]), values[row], 1)
        ends = np.polyval(line, np.sqrt([known[row].min(), known[row].max()]))
        assert found[row] == pytest.approx(ends[1] - ends[0])


def test_rise_is_missing_where_nothing_varies_or_a_value_is():
    assert np.isnan(rise(frame([1.0, 2.0, 3.0]), frame([0.1, 0.1, 0.1]))[0])
    assert np.isnan(rise(frame([1.0, np.nan, 3.0]), frame([0.1, 0.2, 0.3]))[0])


@given(st.floats(0.1, 10), st.floats(-1, 50))
def test_fitted_finds_an_exact_line(a, b):
    found = fitted(frame(np.sqrt(a + b * H)), frame(H)).loc[0]
    assert (found["a"], found["b"]) == pytest.approx((a, b), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_fitted_has_the_least_relative_residuals(seed):
    steps = np.exp(np.random.default_rng(seed).normal(size=4))
    best = optimize.least_squares(lambda line: 1 - (line[0] + line[1] * H) / steps**2, [1.0, 1.0], x_scale=[1, 100])
    assert fitted(frame(steps), frame(H)).loc[0].to_numpy() == pytest.approx(best.x, rel=1e-4)


@pytest.mark.parametrize("steps, known", [([1, 0, 1], H[:3]), ([1, np.nan, 1], H[:3]), ([1, 2, 3], [0.1] * 3)])
def test_a_line_needs_positive_steps_and_different_doses(steps, known):
    assert fitted(frame(np.array(steps, float)), frame(known)).isna().all(axis=None)


def test_heterogeneity_has_a_row_per_judged_seed_and_a_column_per_dose():
    tables = together({"core": study()})
    found = heterogeneity(tables, [("blocked", 60), ("reshuffle", 1197), ("reshuffle", 7)])
    assert found.index.tolist() == list(JUDGED) and usual(tables) == ("reshuffle", 60)
    assert found["blocked", 60].to_numpy() == pytest.approx(UNLIKE["blocked"] * hypergeometric(60))
    assert (found["reshuffle", 1197] == 0).all() and found["reshuffle", 7].isna().all()


def test_a_dose_at_which_a_seed_fails_is_left_out_at_its_rate():
    tables = together({"order": study(arms=("batch",), rates=(0.1, 0.3), order=("iid", "blocked"))})
    outcomes = tables.rows("outcomes", order=["iid", "blocked"])
    fails = (outcomes["order"] == "blocked") & (outcomes["lr"] == 0.3) & (outcomes["seed"] < 2)
    found, dropped = sound(outcomes, fails, "why")
    assert found == {0.1: [("blocked", 60), ("iid", 60)], 0.3: [("iid", 60)]}
    (drop,) = dropped
    assert (drop.lr, drop.arm, drop.reason, drop.seeds) == (0.3, "batch, order blocked, batch size 60", "why", 2)
