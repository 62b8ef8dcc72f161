"""Made-up classes: small, and of a known distribution."""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from normshift import seeds
from normshift.fetch.raw import Raw
from normshift.params import Data


def load(data: Data, files: Mapping[str, bytes], cache: Path) -> Raw:
    """Return ``data.samples`` of N(m_c, 1), every class as often: m_c = ``data.separation`` x a random direction."""
    assert data.shape and data.classes and data.samples and data.separation is not None
    inputs, draw = math.prod(data.shape), seeds.generator("gaussian")
    means = draw.standard_normal((data.classes, inputs))
    means *= data.separation / np.linalg.norm(means, axis=1, keepdims=True)
    labels = np.arange(data.samples) % data.classes
    images = means[labels] + draw.standard_normal((data.samples, inputs))
    return Raw(images.astype(np.float32), labels, data.licence, data.citation, tuple(data.shape))
