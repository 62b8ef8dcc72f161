"""How the loops are compiled: kept on disk, dividing by zero as floating point does."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from numba import config, njit

HERE = Path(__file__).parent
# Sums may be taken in the order that fits the vector unit. NaN and infinity keep their meaning: they mark divergence.
FREE = {"contract", "reassoc"}
# Only what Python calls needs a door to it; leaving out the others' saves the compiler much of its time.
INNER = {"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}

looped = njit(fastmath=FREE, **INNER)
# As written, where the order of operations is what keeps the precision.
exactly = njit(**INNER)


def sources() -> str:
    """Return a digest of all that is compiled here."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(HERE.glob("*.py")))).hexdigest()[:16]


def entry(function: Callable) -> Callable:
    """Compile what Python calls, and keep it on disk.

    Numba would take up an old one if only a function that it calls has changed, in another file: hence a folder for
    each state of the sources.
    """
    before = config.CACHE_DIR
    folder = Path(before or HERE / "__pycache__") / sources()
    config.CACHE_DIR = str(folder)
    try:
        return njit(cache=_usable(folder), error_model="numpy", fastmath=FREE, no_cfunc_wrapper=True)(function)
    finally:
        config.CACHE_DIR = before


def _usable(folder: Path) -> bool:
    """Say whether a folder can be written to; if not, Numba would take one that knows nothing of the sources."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)
