import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st


@settings(max_examples=60, deadline=None)
@given(counts=st.lists(st.integers(1, 60), min_size=1, max_size=12), batch_size=st.integers(1, 40))
def test_every_window_mirrors_the_proportions(stream_of, counts, batch_size):
    labels = np.repeat(np.arange(len(counts)), counts)
    stream = labels[stream_of("stratified", labels, 3 * len(labels) + batch_size, batch_size)]
    held = np.stack([np.bincount(window, minlength=len(counts)) for window in windows(stream, batch_size)])
    assert np.abs(held - batch_size * np.array(counts) / len(labels)).max() < 2


def test_equal_classes_are_equal_in_every_batch(stream_of):
    labels = np.arange(120) % 6
    for batch in labels[stream_of("stratified", labels, 240, 30)].reshape(-1, 30):
        np.testing.assert_array_equal(np.bincount(batch), 5)


def test_epochs_differ(stream_of):
    first, second = stream_of("stratified", np.arange(60) % 3, 120).reshape(2, -1)
    assert (first != second).any()


def windows(stream, size):
    return np.lib.stride_tricks.sliding_window_view(stream, size)
