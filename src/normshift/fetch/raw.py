"""A data set as it came, and the facts written beside it."""

import hashlib
from typing import Any, NamedTuple

import numpy as np


class Raw(NamedTuple):
    """Images in the units of their source, one row a sample, with labels 0, 1, ... and the terms of their use."""

    images: np.ndarray  # float32 [sample, input]
    labels: np.ndarray  # int64 [sample]
    licence: str
    citation: str


def described(raw: Raw, name: str) -> dict[str, Any]:
    """Return what source.json says: digests of both arrays' bytes (little-endian, row by row), counts, terms."""
    return {
        "name": name,
        "sha256": {key: hashlib.sha256(getattr(raw, key).tobytes()).hexdigest() for key in ("images", "labels")},
        "samples": len(raw.labels),
        "inputs": raw.images.shape[1],
        "classes": np.bincount(raw.labels).tolist(),
        "licence": raw.licence,
        "citation": raw.citation,
    }
