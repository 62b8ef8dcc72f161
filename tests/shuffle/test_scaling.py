import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from normshift.params import Data
from normshift.shuffle.scaling import REGISTRY, extremes, scaling, written

RNG = np.random.default_rng(0)
COLOUR = RNG.integers(0, 256, (50, 3, 4, 5), np.uint8) // np.array([1, 2, 4], np.uint8)[:, None, None]
FLAT = COLOUR.reshape(50, -1)
DIGITS = load_digits().data.astype(np.float32)


def scaled(images, how, shape=None, train=slice(None)):
    """What training reads of all images, given the training split."""
    inputs = written(images, how)
    center, scale = scaling(inputs[train], how, shape, extremes(inputs))
    assert center.dtype == scale.dtype == np.float32 and center.shape == scale.shape == inputs.shape[1:]
    return (inputs - center) / scale


def test_every_choice_has_its_scaling():
    from typing import get_type_hints

    limits = get_type_hints(Data, include_extras=True)["inputs"].__metadata__
    assert set(limits[0].words) == set(REGISTRY)


@pytest.mark.parametrize("images", [DIGITS, FLAT], ids=["digits", "eight bits"])
def test_standardised_is_what_scikit_learn_has_and_a_constant_input_keeps_its_scale(images):
    oracle = StandardScaler().fit(images.astype(np.float64))
    center, scale = scaling(images, "standardised", None, (0, 1))
    np.testing.assert_allclose(center, oracle.mean_, rtol=1e-6)
    np.testing.assert_allclose(scale, oracle.scale_, rtol=1e-6)
    assert scaling(np.ones((4, 2), np.uint8), "standardised", None, (0, 1))[1].tolist() == [1, 1]


def naive_channels(images, train):
    """One channel after the other, one image after the other."""
    found = np.empty(images.shape)
    for channel in range(images.shape[1]):
        values = [float(value) for image in images[train] for value in image[channel].ravel()]
        mean = sum(values) / len(values)
        variance = sum((value - mean) ** 2 for value in values) / len(values)
        found[:, channel] = (images[:, channel] - mean) / np.sqrt(variance)
    return found


def test_channels_have_mean_0_and_variance_1_each_over_the_training_split():
    train = np.arange(30)
    found = scaled(FLAT, "channels", (3, 4, 5), train)
    np.testing.assert_allclose(found, naive_channels(COLOUR, train).reshape(50, -1), atol=1e-5)


def test_without_a_shape_all_inputs_are_one_channel_and_constant_images_are_zero():
    found = scaled(FLAT, "channels")
    np.testing.assert_allclose([found.mean(), found.std()], [0, 1], atol=1e-6)
    assert not scaled(np.full((3, 4), 7, np.uint8), "channels").any()


def test_a_constant_input_of_the_training_split_is_not_blown_up_by_channels():
    images = np.zeros((40, 9), np.uint8)
    images[:, 0], images[-1, 8] = np.arange(40), 255
    train = slice(0, 39)
    assert np.abs(scaled(images, "standardised", None, train)).max() == 255
    assert np.abs(scaled(images, "channels", (1, 3, 3), train)).max() < 50


@pytest.mark.parametrize("how", ["grey", "binary"])
def test_eight_bit_images_go_from_black_at_0_to_white_at_255_whatever_is_in_them(how):
    every = np.arange(256, dtype=np.uint8)[None]
    expected = every / 255 if how == "grey" else every >= 128
    np.testing.assert_allclose(scaled(every, how), expected, rtol=1e-6)
    np.testing.assert_array_equal(scaled(every[:, 100:150], how), scaled(every, how)[:, 100:150])


@pytest.mark.parametrize("images", [DIGITS, RNG.normal(size=(20, 4)).astype(np.float32)], ids=["digits", "normal"])
def test_grey_goes_from_the_least_to_the_largest_value_of_all(images):
    oracle = MinMaxScaler().fit_transform(images.reshape(-1, 1)).reshape(images.shape)
    np.testing.assert_allclose(scaled(images, "grey"), oracle, atol=1e-6)


@given(st.integers(0, 2**32 - 1), st.booleans())
def test_binary_is_grey_cut_at_a_half(seed, eight_bit):
    draw = np.random.default_rng(seed)
    images = draw.integers(0, 256, (5, 6)).astype(np.uint8 if eight_bit else np.float32)
    low, high = extremes(images)
    np.testing.assert_array_equal(scaled(images, "binary"), images - low > (high - low) / 2)


def test_binary_images_take_a_byte_an_input_and_all_others_are_kept_as_they_came():
    assert written(DIGITS, "binary").dtype == np.uint8
    for how in set(REGISTRY) - {"binary"}:
        assert written(FLAT, how) is FLAT


def test_images_all_of_one_value_are_zero_not_missing():
    for how in REGISTRY:
        assert not scaled(np.full((3, 4), 2.5, np.float32), how).any()
