"""Handwritten digits, bundled with scikit-learn: needs no network."""

import numpy as np
from sklearn.datasets import load_digits

from normshift.fetch.raw import Raw
from normshift.params import Data

LICENCE = "CC BY 4.0"
CITATION = (
    "E. Alpaydin, C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning Repository,"
    " doi:10.24432/C50P49; its test set, as bundled with scikit-learn"
)


def load(data: Data) -> Raw:
    """Return 1,797 digits of 8 x 8 pixels, each a count from 0 to 16."""
    images, labels = load_digits(return_X_y=True)
    return Raw(images.astype(np.float32), labels.astype(np.int64), LICENCE, CITATION)
