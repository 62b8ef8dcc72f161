"""Handwritten digits, bundled with scikit-learn: needs no network."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from normshift.fetch.raw import Raw
from normshift.params import Data


def load(data: Data, files: Mapping[str, bytes], cache: Path) -> Raw:
    """Return 1,797 digits of 8 x 8 pixels, each a count from 0 to 16."""
    images, labels = load_digits(return_X_y=True)
    return Raw(images.astype(np.float32), labels.astype(np.int64), data.licence, data.citation)
