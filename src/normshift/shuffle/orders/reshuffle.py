"""A new permutation each epoch."""

import numpy as np

from normshift.params import Order
from normshift.shuffle.deal import Draw, epochs


def stream(labels: np.ndarray, length: int, batch_size: int, order: Order, draw: Draw) -> np.ndarray:
    """Return a fresh permutation of the training split for every epoch: random reshuffling."""
    return epochs(length, len(labels), lambda epoch: draw("epoch", epoch).permutation(len(labels)))
