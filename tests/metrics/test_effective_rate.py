import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from normshift.metrics import effective_rate, norm_growth_residual, relative_step

weights = arrays(float, 4, elements=st.integers(-8, 8)).filter(lambda weight: np.unique(np.abs(weight)).size > 1)
norms = arrays(float, st.tuples(st.integers(1, 2), st.integers(1, 3)), elements=st.integers(0, 9))


def _gradient(weight):
    """Of ``a'w / |w|``, which does not depend on the length of w."""
    direction = weight / np.linalg.norm(weight)
    pull = np.array([1.0, 2.0, -1.0, 0.5])
    return (pull - direction * (pull @ direction)) / np.linalg.norm(weight)


def _step(weight, lr, decay=0.0):
    gradient = _gradient(weight)
    return weight - lr * (gradient + decay * weight), gradient


@given(norms, norms, st.sampled_from([0.1, 3.0]))
def test_rates_equal_their_formulas_over_any_leading_axes(norm, step, lr):
    step = np.broadcast_to(step[:1, :1], norm.shape)
    rate, moved = effective_rate(lr, norm), relative_step(step, norm)
    for place in np.ndindex(norm.shape):
        length = norm[place]
        np.testing.assert_allclose(rate[place], lr / length**2 if length else math.nan)
        np.testing.assert_allclose(moved[place], step[place] / length if length else math.nan)


def test_each_entry_may_have_its_own_learning_rate():
    assert effective_rate(np.array([1.0, 2.0]), np.array([1.0, 2.0])).tolist() == [1, 0.5]


@given(weights, st.sampled_from([0.1, 5.0, 100.0]), st.sampled_from([0.01, 0.5]))
def test_equal_effective_rates_turn_weights_of_any_length_alike(weight, factor, lr):
    """At c w with lr c^2 the effective rate, the relative step and the next direction are those at w."""
    after = {}
    for scale in (1.0, factor):
        start, rate = scale * weight, lr * scale**2
        end, gradient = _step(start, rate)
        norm = np.linalg.norm(start)
        step = relative_step(np.linalg.norm(end - start), norm)
        after[scale] = [effective_rate(rate, norm), step, *(end / np.linalg.norm(end))]
    np.testing.assert_allclose(after[factor], after[1.0], rtol=1e-9, atol=1e-12)


@given(weights, st.sampled_from([0.1, 1.0, 10.0]))
def test_gradient_descent_leaves_no_residual_of_growth(weight, lr):
    after, gradient = _step(weight, lr)
    if np.square(gradient).sum() > 1e-6:
        found = norm_growth_residual(weight @ weight, after @ after, lr, gradient @ gradient)
        assert found == pytest.approx(0, abs=1e-6)


def test_weight_decay_and_a_gradient_along_the_weights_leave_a_residual():
    weight = np.array([1.0, 3.0, -2.0, 1.0])
    after, gradient = _step(weight, 0.1, decay=0.01)
    assert norm_growth_residual(weight @ weight, after @ after, 0.1, gradient @ gradient) < -1
    outward = weight - 0.1 * -weight  # <w, g> = -|w|^2
    expected = (1.21 - 1) * 15 / (0.01 * 15) - 1
    assert norm_growth_residual(weight @ weight, outward @ outward, 0.1, weight @ weight) == pytest.approx(expected)


@given(norms, norms.map(lambda norm: norm[:1, :1]), st.sampled_from([0.0, 0.5]))
def test_residual_equals_the_formula_over_any_leading_axes(before, growth, lr):
    gradient = np.broadcast_to(growth, before.shape)
    found = norm_growth_residual(before, before + 2.0, lr, gradient)
    for place in np.ndindex(before.shape):
        grown = lr**2 * gradient[place]
        np.testing.assert_allclose(found[place], (2 - grown) / grown if grown else math.nan, atol=1e-9)


def test_rates_of_what_is_missing_are_missing():
    missing, one = np.array([np.nan]), np.array([1.0])
    assert np.isnan(effective_rate(0.1, missing)).all()
    assert np.isnan(relative_step(one, missing)).all() and np.isnan(relative_step(missing, one)).all()
    assert np.isnan(norm_growth_residual(one, missing, 0.1, one)).all()
