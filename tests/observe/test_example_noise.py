"""How much an example's activation depends on its batch, against the naive twin."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from normshift.observe.example_noise import PARTITIONS, example_noise, partitions
from tests.train.by_hand import noise_of_examples


@given(st.integers(2, 6), st.integers(0, 5), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_noise_of_examples_equals_its_naive_twin(size, left, seed):
    """Of batches of any spread, and samples that some cuts leave out."""
    places = partitions(seed, 2 * size + min(left, size - 1), size)
    draw = np.random.default_rng(seed)
    ys = draw.normal(size=(len(places), size, 3)) * draw.uniform(0.1, 3, size=(len(places), 1, 1))
    found = example_noise(torch.from_numpy(ys)[None, :, None], places)
    assert found.item() == pytest.approx(noise_of_examples(list(ys), places))


@given(st.integers(1, 3), st.integers(1, 3), st.integers(2, 5), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_leading_axes_of_the_noise_of_examples_equal_a_loop(cells, layers, size, seed):
    places = partitions(seed, 3 * size + 1, size)
    y = torch.randn(cells, len(places), layers, size, 4, generator=torch.Generator().manual_seed(seed))
    found = example_noise(y, places)
    for a in range(cells):
        for b in range(layers):
            torch.testing.assert_close(found[a, b], example_noise(y[a : a + 1, :, b : b + 1], places)[0, 0])


def test_a_constant_unit_has_no_noise_and_is_left_out():
    places = partitions(0, 12, 4)
    y = torch.randn(1, len(places), 1, 4, 3, generator=torch.Generator().manual_seed(0))
    still = torch.cat([y, torch.full((1, len(places), 1, 4, 2), 3.0)], dim=-1)
    torch.testing.assert_close(example_noise(still, places), example_noise(y, places))
    assert example_noise(still[..., 3:], places).isnan().all()


@given(st.integers(0, 9), st.integers(1, 200), st.integers(1, 80))
@settings(deadline=None)
def test_partitions_cut_the_probe_anew_into_batches_without_a_sample_twice(root, samples, batch_size):
    found = partitions(root, samples, batch_size)
    count = samples // batch_size
    assert found.dtype == np.int32 and found.shape[1] == batch_size
    if count < 2 or batch_size < 2:
        assert len(found) == 0
        return
    assert len(found) == PARTITIONS * count and found.min() >= 0 and found.max() < samples
    for cut in found.reshape(PARTITIONS, -1):
        assert len(np.unique(cut)) == count * batch_size
    assert (partitions(root, samples, batch_size) == found).all()


def test_every_partition_and_every_root_is_cut_otherwise():
    cuts = [cut.tobytes() for root in (0, 1) for cut in partitions(root, 40, 4).reshape(PARTITIONS, -1)]
    assert len(set(cuts)) == 2 * PARTITIONS
