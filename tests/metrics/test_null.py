from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normshift.metrics import JOINT, REGISTRY, bandwidth, null
from normshift.metrics.null import SPLITS


def _draw(seed=0):
    return np.random.default_rng(seed)


def _naive(distance, samples, draw, joint):
    """Splits of one sample after the other, drawn anew every time."""
    found = []
    for _ in range(SPLITS):
        for sample in samples:
            order = draw.permuted(np.arange(len(sample)))
            half = len(sample) // 2
            parts = ([sample[place] for place in places] for places in (order[:half], order[half : 2 * half]))
            found.append(distance(*(np.array(part if joint else sorted(part)) for part in parts)))
    return np.mean(np.reshape(found, (SPLITS, len(samples))), axis=0)


@pytest.mark.parametrize("name", sorted(REGISTRY))
@given(seed=st.integers(0, 100), size=st.integers(4, 11))
def test_null_of_units_equals_its_naive_twin(name, seed, size):
    sample = _draw(seed).normal(size=(2, 3, size))
    found = null(REGISTRY[name], sample, _draw(1))
    expected = _naive(REGISTRY[name], sample.reshape(6, size), _draw(1), joint=False)
    np.testing.assert_allclose(found, expected.reshape(2, 3))


@pytest.mark.parametrize("name", sorted(JOINT))
def test_null_of_layers_equals_its_naive_twin(name):
    sample = _draw().normal(size=(2, 13, 3))
    found = null(JOINT[name], sample, _draw(1), axis=-2)
    np.testing.assert_allclose(found, _naive(JOINT[name], sample, _draw(1), joint=True))


@pytest.mark.parametrize("axis", [-1, -2])
@pytest.mark.parametrize("size", [2, 3, 10, 11])
def test_halves_are_equally_long_share_nothing_and_leave_out_at_most_one(axis, size):
    sample = np.arange(float(size)) if axis == -1 else np.arange(float(size))[:, None]

    def shared(before, after):
        assert before.shape == after.shape
        assert before.shape[axis] == size // 2
        return np.isin(before, after).sum() + np.isin(np.concatenate([before, after], axis), sample, invert=True).sum()

    assert null(shared, sample, _draw(), axis) == 0


def test_every_example_of_an_odd_number_is_left_out_at_times():
    def left_out(before, after):
        return np.isin(np.arange(3), [*before, *after], invert=True)

    shares = np.mean([null(left_out, np.arange(3.0), _draw(seed)) for seed in range(200)], axis=0)
    assert shares == pytest.approx(np.full(3, 1 / 3), abs=0.05)


@pytest.mark.parametrize("name", ["energy", "jensen_shannon", "ks", "psi", "w1", "w2"])
def test_null_is_what_independent_samples_of_half_the_size_show(name):
    sample, *halves = (np.sort(_draw(seed).normal(size=(400, size))) for seed, size in enumerate((200, 100, 100)))
    expected = REGISTRY[name](*halves)
    found = null(REGISTRY[name], sample, _draw())
    assert found.mean() == pytest.approx(expected.mean(), abs=4 * expected.std() / np.sqrt(400))
    assert found.min() > 0


def test_null_of_what_is_unbiased_is_nothing():
    sample = _draw().normal(size=(300, 24, 3))
    found = null(partial(JOINT["mmd"], width=bandwidth(sample)), sample, _draw(), axis=-2)
    assert found.mean() == pytest.approx(0, abs=4 * found.std() / np.sqrt(300))


def test_the_generator_decides_and_no_two_units_are_split_alike():
    sample = np.tile(np.sort(_draw().normal(size=50)), (2, 1))
    first, again, other = (null(REGISTRY["w1"], sample, _draw(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert len({*first, *other}) == 4


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_too_few_or_missing_examples_of_a_unit_have_no_null(name):
    assert np.isnan(null(REGISTRY[name], np.ones((2, 1)), _draw())).tolist() == [True, True]
    sample = _draw().normal(size=(2, 8))
    sample[1, 3] = np.nan
    assert np.isnan(null(REGISTRY[name], sample, _draw())).tolist() == [False, True]


@pytest.mark.parametrize("name", sorted(JOINT))
def test_too_few_or_missing_examples_of_a_layer_have_no_null(name):
    assert np.isnan(null(JOINT[name], np.ones((2, 1, 3)), _draw(), axis=-2)).tolist() == [True, True]
    sample = _draw().normal(size=(2, 8, 3))
    sample[1, 3, 0] = np.nan
    assert np.isnan(null(JOINT[name], sample, _draw(), axis=-2)).tolist() == [False, True]
