"""Stochastic gradient descent."""

from torch import Tensor


def sgd(gradient: Tensor, rate: Tensor) -> Tensor:
    """Return what is subtracted from a parameter: ``rate * gradient``."""
    return gradient * rate
