"""The cosine schedule."""

import math


def cosine(step: int, steps: int) -> float:
    """Return ``(1 + cos(pi step / steps)) / 2`` (Loshchilov & Hutter 2017, arXiv:1608.03983, eq. 5, no restart)."""
    return (1 + math.cos(math.pi * step / steps)) / 2
