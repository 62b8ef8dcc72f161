"""A data set as it came, and the facts written beside it."""

import hashlib
from typing import Any, NamedTuple

import numpy as np

from normshift.params import Data


class Raw(NamedTuple):
    """Images in the units of their source, one row a sample, with labels 0, 1, ... and the terms of their use."""

    images: np.ndarray  # uint8 or float32 [sample, input]
    labels: np.ndarray  # int64 [sample]
    licence: str
    citation: str
    shape: tuple[int, ...] | None = None  # channel, height, width, where the source has images
    official: int = 0  # how many samples, at the end, are its official test set


def described(raw: Raw, data: Data) -> dict[str, Any]:
    """Return what source.json says: digests of both arrays' bytes (little-endian, row by row), counts, terms.

    Only of some sets: digests of the files they came in, the shape of an image, the size of the official test set.
    """
    files = {file.name: file.sha256 for file in data.files.values()}
    some = {"files": files, "shape": list(raw.shape or ()), "official_test": raw.official}
    return {
        "name": data.name,
        "sha256": {key: hashlib.sha256(getattr(raw, key).tobytes()).hexdigest() for key in ("images", "labels")},
        "samples": len(raw.labels),
        "inputs": raw.images.shape[1],
        "classes": np.bincount(raw.labels).tolist(),
        **{key: value for key, value in some.items() if value},
        "licence": raw.licence,
        "citation": raw.citation,
    }
