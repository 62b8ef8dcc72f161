import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import pdist
from sklearn.metrics.pairwise import rbf_kernel

from normshift.metrics import JOINT, bandwidth

from .samples import layer_pairs

mmd = JOINT["mmd"]
SIZE, UNITS, WIDTH, DRAWS = 12, 3, 1.5, 4000


def _population(mean, sd):
    """Of N(0, 1) and N(mean, sd^2) in every unit: the kernel's mean is a Gaussian integral."""

    def kernel(variance, square):
        return (WIDTH**2 / (WIDTH**2 + variance)) ** (UNITS / 2) * math.exp(-square / (2 * (WIDTH**2 + variance)))

    return kernel(2, 0) + kernel(2 * sd**2, 0) - 2 * kernel(1 + sd**2, UNITS * mean**2)


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 1.0), (0.7, 1.0), (0.2, 1.8)])
@pytest.mark.parametrize("same_examples", [True, False])
def test_mean_over_samples_is_the_closed_form_for_gaussians(mean, sd, same_examples):
    before, others = np.random.default_rng(0).normal(size=(2, DRAWS, SIZE, UNITS))
    found = mmd(before, mean + sd * (before if same_examples else others), WIDTH)
    error = found.std() / math.sqrt(DRAWS)
    assert found.mean() == pytest.approx(_population(mean, sd), abs=max(4 * error, 1e-12))
    assert mean or same_examples or (found < 0).any()


@given(pair=layer_pairs, width=st.sampled_from([0.5, 3.0, 40.0]))
def test_value_equals_scikit_learns_kernels(pair, width):
    count = len(pair[0])
    if count > 1:
        signs = np.repeat([1, -1], count)
        kernels = rbf_kernel(np.concatenate(pair), gamma=1 / (2 * width**2)) * np.outer(signs, signs)
        kernels[np.tile(np.eye(count, dtype=bool), (2, 2))] = 0
        assert mmd(*pair, width) == pytest.approx(kernels.sum() / (count * (count - 1)), abs=1e-9)


@given(pair=layer_pairs)
def test_bandwidth_is_the_median_distance_of_the_reference_and_both_samples_by_default(pair):
    pooled = np.concatenate(pair)
    width = bandwidth(pooled)
    assert width == np.median(pdist(pooled))
    np.testing.assert_array_equal(mmd(*pair), mmd(*pair, width))


def test_a_reference_has_a_bandwidth_per_layer_and_layers_keep_theirs():
    reference, after = np.random.default_rng(0).normal(size=(2, 2, 3, 10, 4)) * np.arange(1, 4)[:, None, None]
    widths = bandwidth(reference)
    assert widths.shape == (2, 3)
    found = mmd(reference, after, widths)
    assert found[1, 2] == mmd(reference[1, 2], after[1, 2], bandwidth(reference[1, 2]))


def test_a_reference_without_pairs_or_without_spread_gives_no_bandwidth_to_use():
    assert np.isnan(bandwidth(np.ones((1, 3))))
    assert bandwidth(np.ones((5, 3))) == 0
    assert np.isnan(mmd(np.zeros((5, 3)), np.ones((5, 3)), bandwidth(np.ones((5, 3)))))
