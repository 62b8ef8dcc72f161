"""With replacement."""

import numpy as np

from normshift.params import Order
from normshift.shuffle.deal import Draw


def stream(labels: np.ndarray, length: int, batch_size: int, order: Order, draw: Draw) -> np.ndarray:
    """Return positions drawn independently and uniformly: with replacement."""
    return draw("iid").integers(len(labels), size=length).astype(np.int32)
