"""Generators for a named purpose, derived from the root seed, so that adding a cell never changes another's numbers."""

import hashlib

import numpy as np


def entropy(*names: int | str) -> int:
    """Return the 128-bit integer that stands for a purpose, e.g. ``entropy(root, "init", seed, "linear_1")``."""
    text = "\x1f".join(f"{type(name).__name__}:{name}" for name in names)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "big")


def generator(*names: int | str) -> np.random.Generator:
    """Return NumPy's generator (Philox: no warm-up, cheap to make one per step) for a purpose."""
    return np.random.Generator(np.random.Philox(key=entropy(*names)))
