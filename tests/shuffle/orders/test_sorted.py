import numpy as np


def test_labels_rise_through_the_epoch(stream_of):
    labels = np.random.default_rng(0).integers(0, 5, 60)
    assert (np.diff(labels[stream_of("sorted", labels, 60)]) >= 0).all()


def test_every_epoch_is_the_same(stream_of):
    labels = np.random.default_rng(0).integers(0, 5, 60)
    first, second = stream_of("sorted", labels, 120).reshape(2, -1)
    np.testing.assert_array_equal(first, second)


def test_a_class_is_not_in_the_order_of_the_data(stream_of):
    assert (np.diff(stream_of("sorted", np.zeros(60, int), 60)) < 0).any()
