from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from normshift.fetch.readers import digits
from normshift.params import Data

DATA = Data("digits", "digits", 1197, 200, licence="L", citation="C")


def test_images_are_the_bundled_pixels_in_raw_units():
    raw = digits.load(DATA, {}, Path())
    assert raw.images.shape == (1797, 64) and raw.images.dtype == np.float32
    assert raw.labels.shape == (1797,) and raw.labels.dtype == np.int64
    assert (raw.images.min(), raw.images.max()) == (0, 16)
    np.testing.assert_array_equal(raw.images.reshape(-1, 8, 8), load_digits().images)
    np.testing.assert_array_equal(raw.labels, load_digits().target)


def test_licence_and_citation_are_those_of_the_configuration():
    assert digits.load(DATA, {}, Path())[2:4] == ("L", "C")
