from pathlib import Path

import numpy as np

from normshift.fetch.readers.gaussian import load
from normshift.params import Data


def made(**changes):
    own = {"samples": 6000, "separation": 2.0, "classes": 3, "shape": [2, 2, 3]} | changes
    return load(Data("gaussian", "gaussian", 1, 1, **own), {}, Path())


def test_every_class_is_normal_with_unit_variance_about_a_mean_at_the_distance_asked_for():
    raw = made()
    assert raw.images.shape == (6000, 12) and raw.images.dtype == np.float32 and raw.shape == (2, 2, 3)
    for label in range(3):
        own = raw.images[raw.labels == label].astype(float)
        assert len(own) == 2000
        np.testing.assert_allclose(np.linalg.norm(own.mean(axis=0)), 2, atol=5 / np.sqrt(2000))
        np.testing.assert_allclose(np.cov(own.T), np.eye(12), atol=0.15)


def test_without_separation_classes_are_alike():
    raw = made(separation=0.0)
    means = [raw.images[raw.labels == label].mean(axis=0) for label in range(3)]
    assert np.abs(means).max() < 5 / np.sqrt(2000)


def test_it_is_the_same_each_time():
    np.testing.assert_array_equal(made().images, made().images)
