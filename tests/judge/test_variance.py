import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from normshift.judge.variance import shares

TABLES = arrays(float, (3, 4), elements=st.floats(-5, 5).map(lambda value: round(value, 3)))


def naive(values):
    """Omega squared from an analysis of variance of two factors without interaction."""
    cells = pd.DataFrame([(row, column, value) for (row, column), value in np.ndenumerate(values)], columns=list("rcy"))
    found = anova_lm(ols("y ~ C(r) + C(c)", cells).fit())
    noise = found.loc["Residual", "mean_sq"]
    total = found["sum_sq"].sum()
    return [(found.loc[name, "sum_sq"] - found.loc[name, "df"] * noise) / (total + noise) for name in ("C(r)", "C(c)")]


@pytest.mark.parametrize("seed", range(6))
def test_shares_equal_the_analysis_of_variance(seed):
    random = np.random.default_rng(seed)
    values = random.normal(size=(3, 5)) + 2 * random.normal(size=(3, 1)) + random.normal(size=5)
    assert shares(values) == pytest.approx(naive(values), abs=1e-12)


@given(TABLES, st.floats(-3, 3), st.floats(0.1, 10))
def test_shares_do_not_depend_on_origin_and_unit(values, origin, unit):
    found = shares(values)
    if np.ptp(values) > 0.1:
        assert shares(origin + unit * values) == pytest.approx(found, abs=1e-6)
        assert shares(values.T)[::-1] == pytest.approx(found, abs=1e-9)
        assert (found <= 1 + 1e-12).all()


def test_a_factor_alone_explains_all_and_nothing_explains_a_constant():
    rows = np.array([[0.0], [1.0], [5.0]]) * np.ones(4)
    assert shares(rows) == pytest.approx([1, 0])
    assert np.isnan(shares(np.zeros((3, 4)))).all()
    assert np.isnan(shares(np.where(np.eye(3), np.nan, 1.0))).all()


def test_leading_axes_equal_a_loop():
    values = np.random.default_rng(0).normal(size=(5, 3, 4))
    assert shares(values) == pytest.approx(np.array([shares(one) for one in values]))


def test_a_factor_with_more_levels_does_not_explain_more_of_mere_noise():
    values = np.random.default_rng(1).normal(size=(4000, 3, 8))
    assert shares(values).mean(axis=0) == pytest.approx([0, 0], abs=0.01)
