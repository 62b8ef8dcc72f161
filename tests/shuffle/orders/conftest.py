from functools import partial

import pytest

from normshift.params import Order
from normshift.seeds import generator
from normshift.shuffle.orders import REGISTRY


@pytest.fixture(scope="session")
def draws():
    """The draws of a seed."""
    return lambda seed: partial(generator, 0, "order", seed)


@pytest.fixture(scope="session")
def stream_of(draws):
    """A stream by the kind of its order."""

    def stream_of(kind, labels, length, batch_size=10, seed=0, size=None, concentration=None):
        size = 7 if kind == "buffer" and size is None else size
        concentration = 1.0 if kind == "dirichlet" and concentration is None else concentration
        order = Order(kind, kind, size, concentration)
        return REGISTRY[kind](labels, length, batch_size, order, draws(seed))

    return stream_of
