"""Loss and gradient along the gradient, and the edge of stability."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from normshift.metrics import edge, loss_variation, predictiveness, smoothness

from .samples import values

RATE = 0.1
ALPHAS = RATE * np.array([0.25, 0.5, 1.0, 2.0, 4.0, 8.0])
CHOSEN = (ALPHAS >= RATE / 2) & (ALPHAS <= 4 * RATE)
RANGES = pytest.mark.parametrize("spread", [loss_variation, predictiveness])
curves = arrays(float, st.tuples(st.integers(1, 2), st.integers(1, 3), st.just(4)), elements=values)
masks = st.lists(st.booleans(), min_size=4, max_size=4).map(np.array)


def _along(gradient, start, alphas=ALPHAS):
    """What is kept along the gradient at a start: gradient differences and |g|."""
    slope = gradient(start)
    return np.array([np.linalg.norm(gradient(start - alpha * slope) - slope) for alpha in alphas]), np.linalg.norm(
        slope
    )


@RANGES
@given(curves, masks)
def test_range_equals_the_naive_twin_over_any_leading_axes(spread, curve, chosen):
    found = spread(curve, chosen)
    for place in np.ndindex(curve.shape[:2]):
        kept = [value for value, inside in zip(curve[place].tolist(), chosen, strict=True) if inside]
        np.testing.assert_array_equal(found[place], max(kept) - min(kept) if kept else math.nan)


@RANGES
def test_range_is_over_the_chosen_steps_alone(spread):
    assert spread(np.array([[-100.0, 2.0, 5.0, 3.0, 2.5, 900.0]]), CHOSEN).tolist() == [3.0]


@RANGES
def test_a_missing_step_is_missing_and_an_overflow_is_infinite(spread):
    found = spread(np.array([[1.0, np.nan], [1.0, np.inf], [np.inf, np.inf], [np.nan, np.inf]]), np.ones(2, dtype=bool))
    np.testing.assert_array_equal(found, [np.nan, np.inf, np.nan, np.nan])


@given(arrays(float, (2, 4), elements=values), arrays(float, 2, elements=st.integers(0, 3)))
def test_smoothness_equals_the_naive_twin(differences, norm):
    steps = [0.0, 0.1, 0.2, 0.4]
    found = smoothness(differences, norm, np.array(steps))
    for cell, step in np.ndindex(2, 4):
        length = steps[step] * norm[cell]
        expected = differences[cell, step] / length if length else math.nan
        np.testing.assert_allclose(found[cell, step], expected)


@given(st.integers(1, 9), st.integers(0, 9), st.lists(values.filter(bool), min_size=2, max_size=2))
def test_on_a_quadratic_it_is_the_curvature_along_the_gradient_at_every_step(first, second, start):
    hessian = np.diag([float(first), float(second)])
    slope = hessian @ start
    found = smoothness(*_along(lambda theta: hessian @ theta, np.array(start)), ALPHAS)
    np.testing.assert_allclose(found, np.linalg.norm(hessian @ slope) / np.linalg.norm(slope), rtol=1e-9)
    one_eigenvalue = smoothness(*_along(lambda theta: first * theta, np.array(start)), ALPHAS)
    np.testing.assert_allclose(one_eigenvalue, first, rtol=1e-9)


@pytest.mark.parametrize("fineness", [1.0, 0.1, 1e-3])
def test_behind_a_kink_it_is_one_over_alpha_and_its_maximum_set_by_the_smallest_alpha(fineness):
    """A ReLU: curvature 0 on both sides, gradient gone behind the kink, which lies nearer than the smallest step."""
    alphas = fineness * ALPHAS
    found = smoothness(*_along(lambda theta: 1.0 * (theta > 0), np.array([1e-9]), alphas), alphas)
    np.testing.assert_allclose(found, 1 / alphas)
    assert found.max() == pytest.approx(1 / alphas.min())


def test_before_a_kink_it_is_the_curvature_and_behind_it_decays_with_alpha():
    found = smoothness(*_along(lambda theta: 1.0 * (theta > 0), np.array([1.5 * RATE])), ALPHAS)
    np.testing.assert_allclose(found * ALPHAS, [0, 0, 0, 1, 1, 1])


@pytest.mark.parametrize("scale", [0.1, 30.0])
def test_smoothness_is_a_curvature_under_scaled_weights(scale):
    """W -> cW: g/c at steps of alpha c^2, and the curvature as 1/c^2; times lr c^2 it stays."""
    plain = smoothness(np.array([0.2, 0.7]), np.array(2.0), ALPHAS[:2]) * RATE
    scaled = smoothness(np.array([0.2, 0.7]) / scale, np.array(2.0) / scale, ALPHAS[:2] * scale**2) * RATE * scale**2
    np.testing.assert_allclose(scaled, plain)


def test_smoothness_is_missing_with_its_parts():
    found = smoothness(np.array([[np.nan, 1.0], [1.0, 1.0]]), np.array([1.0, np.nan]), np.array([0.1, 0.2]))
    assert np.isnan(found).tolist() == [[True, False], [True, True]]


@given(st.integers(1, 64), st.sampled_from([0.5, 0.125]))
def test_gradient_descent_on_a_quadratic_diverges_beyond_the_edge_alone(sharpness, rate):
    place = 1.0
    for _ in range(8):
        place -= rate * sharpness * place
    ratio = edge(np.array([float(sharpness)]), rate)
    assert ratio == pytest.approx(sharpness / (2 / rate))
    assert np.sign(abs(place) - 1) == np.sign(ratio - 1)
