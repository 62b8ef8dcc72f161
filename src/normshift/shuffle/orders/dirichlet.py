"""Each batch has a random mixture of labels."""

import numpy as np

from normshift.params import Order
from normshift.shuffle.deal import Draw, deal


def stream(labels: np.ndarray, length: int, batch_size: int, order: Order, draw: Draw) -> np.ndarray:
    """Return batches of labels ~ Multinomial(p), p ~ Dirichlet(concentration x classes x the training split's shares).

    Every batch has a mixture of its own; large concentrations give the shares themselves, small ones few labels.
    """
    if order.concentration is None:
        raise ValueError(f"order={order.name}: an order of kind dirichlet needs `concentration`")
    classes, counts = np.unique(labels, return_counts=True)
    alpha = order.concentration * len(classes) * counts / len(labels)
    mixtures = draw("mixture")
    drawn = [mixtures.multinomial(batch_size, mixtures.dirichlet(alpha)) for _ in range(-(-length // batch_size))]
    return deal(np.concatenate([np.repeat(classes, batch) for batch in drawn])[:length], labels, draw)
