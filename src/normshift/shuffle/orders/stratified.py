"""Each batch mirrors the label proportions."""

import numpy as np

from normshift.params import Order
from normshift.shuffle.deal import Draw, deal, epochs, spread


def stream(labels: np.ndarray, length: int, batch_size: int, order: Order, draw: Draw) -> np.ndarray:
    """Return every class spread evenly over each epoch, its samples in a new order each time.

    Any window of m samples holds m p_c of each class, give or take less than 2, so every batch does, whatever its size.
    """
    once = spread(labels)
    return deal(epochs(length, len(labels), lambda epoch: once), labels, draw)
