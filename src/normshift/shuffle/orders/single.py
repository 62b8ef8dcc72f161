"""One permutation, reused each epoch."""

import numpy as np

from normshift.params import Order
from normshift.shuffle.deal import Draw, epochs


def stream(labels: np.ndarray, length: int, batch_size: int, order: Order, draw: Draw) -> np.ndarray:
    """Return `reshuffle`'s first epoch, over and over: single shuffle (Wu, Yun & Sra 2023, arXiv 2302.12444)."""
    return epochs(length, len(labels), lambda epoch: draw("epoch", 0).permutation(len(labels)))
