import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st


@settings(max_examples=40, deadline=None)
@given(counts=st.lists(st.integers(1, 30), min_size=1, max_size=6), batch_size=st.integers(1, 15))
def test_every_batch_has_one_label(stream_of, counts, batch_size):
    labels = np.repeat(np.arange(len(counts)), counts)
    batches = labels[stream_of("blocked", labels, 12 * batch_size, batch_size)].reshape(12, -1)
    assert (batches == batches[:, :1]).all()


@settings(max_examples=40, deadline=None)
@given(counts=st.lists(st.integers(1, 30), min_size=1, max_size=6), batch_size=st.integers(1, 15))
def test_batches_of_a_class_are_proportional_to_its_size(stream_of, counts, batch_size):
    labels = np.repeat(np.arange(len(counts)), counts)
    deck = max(1, len(labels) // batch_size)
    turns = labels[stream_of("blocked", labels, 5 * deck * batch_size, batch_size)][::batch_size]
    held = np.bincount(turns, minlength=len(counts))
    assert np.abs(held - len(turns) * np.array(counts) / len(labels)).max() < 1


def test_a_class_uses_all_its_samples_before_one_comes_again(stream_of):
    labels = np.arange(60) % 3
    stream = stream_of("blocked", labels, 300, 10)
    for label in range(3):
        used = stream[labels[stream] == label][:20]
        np.testing.assert_array_equal(np.sort(used), np.flatnonzero(labels == label))


def test_blocks_come_in_another_order_each_epoch(stream_of):
    labels = np.arange(100) % 10
    first, second = labels[stream_of("blocked", labels, 200, 10)][::10].reshape(2, -1)
    np.testing.assert_array_equal(np.sort(first), np.sort(second))
    assert (first != second).any() and (np.diff(first) < 0).any()
