"""The formula of exp against NumPy's."""

import numpy as np
import pytest

from normshift.train.compiled.compiling import entry
from normshift.train.compiled.exponential import LEAST, MOST, exp


@entry
def each(values, found):
    for k in range(values.shape[0]):
        found[k] = exp(values[k])


def of(values: np.ndarray) -> np.ndarray:
    found = np.empty_like(values)
    each(values, found)
    return found


def test_exp_is_right_within_two_units_in_the_last_place():
    values = np.linspace(LEAST, MOST, 1_000_001, dtype=np.float32)
    exact = np.exp(values.astype(np.float64))
    assert np.abs(of(values) - exact).max() > 0
    assert (np.abs(of(values) - exact) / np.spacing(exact.astype(np.float32))).max() < 2


def test_exp_keeps_nan_and_is_held_at_its_ends():
    nan, high, low, none = of(np.array([np.nan, np.inf, -np.inf, 0], np.float32))
    assert np.isnan(nan) and 1e38 < high < np.inf and 0 < low < 1e-37 and none == 1


def test_double_precision_is_the_librarys():
    values = np.linspace(-30, 30, 101)
    assert of(values) == pytest.approx(np.exp(values), rel=1e-15)
