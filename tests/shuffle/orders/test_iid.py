import numpy as np


def test_samples_repeat_within_an_epoch_about_as_often_as_chance_has_it(stream_of):
    stream = stream_of("iid", np.zeros(1000, int), 1000)
    assert abs(len(np.unique(stream)) / 1000 - (1 - 1 / np.e)) < 0.05


def test_every_sample_is_equally_likely(stream_of):
    counts = np.bincount(stream_of("iid", np.zeros(10, int), 10_000), minlength=10)
    assert np.abs(counts - 1000).max() < 5 * np.sqrt(900)
