"""A shuffle buffer over the stream sorted by label."""

import numpy as np

from normshift.params import Order
from normshift.shuffle.deal import Draw, by_label, epochs


def buffered(samples: np.ndarray, size: int, draw: np.random.Generator) -> np.ndarray:
    """Pass samples through a shuffle buffer: give a random one of those held, let the next one in (tf.data's shuffle).

    The place drawn takes the next sample; at the end, when none is left, the last one held moves there.
    """
    held, size = samples.copy(), min(size, len(samples))
    waiting = iter(samples[size:])
    left = np.minimum(size, np.arange(len(samples), 0, -1))
    given = np.empty_like(samples)
    for turn, place in enumerate(draw.integers(left)):
        given[turn] = held[place]
        held[place] = next(waiting, held[left[turn] - 1])
    return given


def stream(labels: np.ndarray, length: int, batch_size: int, order: Order, draw: Draw) -> np.ndarray:
    """Return the stream sorted by label, passed through a shuffle buffer of ``order.size`` samples, anew each epoch."""
    if order.size is None:
        raise ValueError(f"order={order.name}: an order of kind buffer needs `size`")
    once = by_label(labels, draw)
    return epochs(length, len(labels), lambda epoch: buffered(once, order.size, draw("buffer", epoch)))
