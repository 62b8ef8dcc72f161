import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit

from normshift.metrics import gauge_fixed

from .samples import values

factors = st.sampled_from([0.01, 0.5, 3.0, 200.0])
pairs = arrays(float, st.tuples(st.integers(1, 2), st.integers(1, 3), st.just(2), st.integers(1, 5)), elements=values)


def _relu(inputs):
    return np.maximum(inputs, 0)


def _network(layers, activation):
    """Logits of two hidden layers with batch norm at eps = 0 and an output without: layers of (gamma, beta)."""
    draw = np.random.default_rng(0)
    signal = draw.normal(size=(40, 6))
    for gamma, beta in layers:
        summed = signal @ draw.normal(size=(signal.shape[1], gamma.size))
        normalised = (summed - summed.mean(0)) / summed.std(0)
        signal = activation(gamma * normalised + beta)
    return signal @ draw.normal(size=(signal.shape[1], 3))


def _layers():
    draw = np.random.default_rng(1)
    return [(draw.uniform(0.5, 2, 8), draw.normal(size=8)) for _ in range(2)]


def _scaled(layer, factor):
    layers = _layers()
    layers[layer] = tuple(factor * part for part in layers[layer])
    return layers


def _direction(layer):
    return np.concatenate(gauge_fixed(*layer, np.linalg.norm(np.concatenate(layer))))


@given(factors)
def test_scaling_gamma_and_beta_before_relu_and_batch_norm_changes_neither_function_nor_coordinates(factor):
    scaled = _scaled(0, factor)
    np.testing.assert_allclose(_network(scaled, _relu), _network(_layers(), _relu), rtol=0, atol=1e-12)
    np.testing.assert_allclose(_direction(scaled[0]), _direction(_layers()[0]), rtol=1e-12)


@pytest.mark.parametrize(("layer", "activation"), [(0, expit), (0, np.tanh), (1, _relu)])
@given(factors)
def test_there_is_no_gauge_before_a_sigmoid_nor_before_an_output_that_is_not_normalised(layer, activation, factor):
    change = _network(_scaled(layer, factor), activation) - _network(_layers(), activation)
    assert np.abs(change).max() > 0.1


def test_scaling_one_unit_alone_or_turning_the_sign_is_no_gauge():
    one = _layers()
    one[0] = tuple(part * np.where(np.arange(8) == 0, 3.0, 1.0) for part in one[0])
    for other in (one, _scaled(0, -1.0)):
        assert np.abs(_network(other, _relu) - _network(_layers(), _relu)).max() > 0.1
        assert np.abs(_direction(other[0]) - _direction(_layers()[0])).max() > 0.1


@given(pairs)
def test_coordinates_equal_a_loop_and_have_length_one(layers):
    gamma, beta = np.moveaxis(layers, -2, 0)
    norm = np.linalg.norm(layers, axis=(-2, -1))
    found = np.stack(gauge_fixed(gamma, beta, norm), axis=-2)
    for place in np.ndindex(norm.shape):
        if norm[place] == 0:
            assert np.isnan(found[place]).all()
        else:
            np.testing.assert_allclose(found[place], layers[place] / norm[place])
            assert np.linalg.norm(found[place]) == pytest.approx(1)


def test_kept_units_are_divided_by_the_length_of_all():
    gamma, beta = np.array([3.0, 0.0, 5.0]), np.array([0.0, 4.0, 5.0])
    found = gauge_fixed(gamma[:2], beta[:2], np.linalg.norm([gamma, beta]))
    assert np.square(found).sum() == pytest.approx(25 / 75)


def test_coordinates_of_what_is_missing_are_missing():
    found = gauge_fixed(np.array([[1.0, np.nan]]), np.array([[1.0, 1.0]]), np.array([2.0]))
    assert np.isnan(found).tolist() == [[[False, True]], [[False, False]]]
    assert np.isnan(gauge_fixed(np.ones((1, 2)), np.ones((1, 2)), np.array([np.nan]))).all()
