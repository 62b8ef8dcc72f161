"""Read the chosen data set and check that it has the shape every later stage relies on."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from normshift.fetch.raw import Raw
from normshift.fetch.readers import REGISTRY
from normshift.params import Data

IMAGES = (np.float32, np.uint8)


def fetched(data: Data, files: Mapping[str, bytes], cache: Path) -> Raw:
    """Return the data set, read from its files; one that breaks the contract is refused before anything is written."""
    try:
        raw = REGISTRY[data.kind](data, files, cache)
    except ValueError as error:
        raise ValueError(f"data={data.name}: {error}") from error
    if fault := next(_faults(raw, data), None):
        raise ValueError(f"data={data.name}: {fault}")
    return raw


def _faults(raw: Raw, data: Data) -> Iterator[str]:
    images, labels = raw.images, raw.labels
    if images.dtype not in IMAGES or images.ndim != 2 or 0 in images.shape:
        yield "images must be uint8 or float32 [sample, input]"
    elif broken := np.flatnonzero(~np.isfinite(images).all(axis=1)).tolist():
        yield f"images must be finite numbers, those of {len(broken)} samples are not, sample {broken[0]} first"
    if labels.dtype != np.int64 or labels.shape != images.shape[:1]:
        yield "labels must be int64 [sample], one for each image"
    found = np.unique(labels)
    if not np.array_equal(found, np.arange(len(found))):
        yield "labels must be 0, 1, ..., each of them in use"
    if data.classes not in (None, len(found)):
        yield f"data.classes={data.classes}: there are {len(found)} classes"
    if data.shape and math.prod(data.shape) != images.shape[1]:
        yield f"data.shape={data.shape}: a sample has {images.shape[1]} inputs, not {math.prod(data.shape)}"
    if data.shape and raw.shape and tuple(data.shape) != raw.shape:
        yield f"data.shape={data.shape}: images are {list(raw.shape)}"
