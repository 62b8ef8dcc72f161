"""Load the chosen data set and check that it has the shape every later stage relies on."""

import numpy as np

from normshift.fetch.datasets import REGISTRY
from normshift.fetch.raw import Raw
from normshift.params import Data


def fetched(data: Data) -> Raw:
    """Return the data set ``data.kind``; a loader that breaks the contract is refused before anything is written."""
    raw = REGISTRY[data.kind](data)
    images, labels = raw.images, raw.labels
    if images.dtype != np.float32 or images.ndim != 2 or not np.isfinite(images).all():
        raise ValueError(f"data={data.name}: images must be finite float32 [sample, input]")
    if labels.dtype != np.int64 or labels.shape != images.shape[:1]:
        raise ValueError(f"data={data.name}: labels must be int64 [sample], one for each image")
    if not np.array_equal(np.unique(labels), np.arange(labels.max(initial=-1) + 1)):
        raise ValueError(f"data={data.name}: labels must be 0, 1, ..., each of them in use")
    return raw
