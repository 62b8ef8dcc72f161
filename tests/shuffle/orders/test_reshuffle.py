import numpy as np


def test_epochs_differ(stream_of):
    first, second = stream_of("reshuffle", np.zeros(50, int), 100).reshape(2, -1)
    assert (first != second).any()


def test_labels_do_not_matter(stream_of):
    labels = np.arange(50) % 5
    np.testing.assert_array_equal(stream_of("reshuffle", labels, 120), stream_of("reshuffle", labels[::-1], 120))


def test_every_position_is_equally_likely_everywhere(stream_of):
    places = np.stack([stream_of("reshuffle", np.zeros(5, int), 5, seed=seed) for seed in range(2000)])
    counts = np.stack([np.bincount(column, minlength=5) for column in places.T])
    assert np.abs(counts - 400).max() < 5 * np.sqrt(2000 * 0.2 * 0.8)
