"""Pure-label batches in random order."""

import numpy as np

from normshift.params import Order
from normshift.shuffle.deal import Draw, deal, epochs, spread


def stream(labels: np.ndarray, length: int, batch_size: int, order: Order, draw: Draw) -> np.ndarray:
    """Return batches of one label each, about an epoch of them at a time in random order.

    Classes take turns in proportion to their size, and each deals from its endless stream: samples of a class are used
    equally often.
    """
    deck, turns = max(1, len(labels) // batch_size), spread(labels)
    batches = epochs(
        -(-length // batch_size),
        deck,
        lambda number: draw("deck", number).permutation(np.take(turns, number * deck + np.arange(deck), mode="wrap")),
    )
    return deal(np.repeat(batches, batch_size)[:length], labels, draw)
