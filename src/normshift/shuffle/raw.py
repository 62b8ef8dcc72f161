"""Trust in data/raw: nothing is computed from bytes that are not those that were fetched."""

import hashlib
import json

import numpy as np


def verified(images: np.ndarray, labels: np.ndarray, source: str) -> int:
    """Return how many samples at the end are an official test set, as ``source`` (source.json) states.

    Raise `ValueError` unless both arrays have the shapes and the digests that it states.
    """
    stated = json.loads(source)
    if images.shape != (stated["samples"], stated["inputs"]) or labels.shape != (stated["samples"],):
        raise ValueError("shapes differ from source.json")
    for name, array in (("images", images), ("labels", labels)):
        if hashlib.sha256(array.tobytes()).hexdigest() != stated["sha256"][name]:
            raise ValueError(f"{name}.npy does not have the sha256 in source.json")
    return int(stated.get("official_test", 0))
