"""Stochastic gradient descent."""

from torch import Tensor


def sgd(gradient: Tensor, rate: Tensor, slots: tuple[()], step: int) -> tuple[Tensor, tuple[()]]:
    """Return what is subtracted from a parameter, ``rate * gradient``, and no slots."""
    return gradient * rate, slots
