"""Stochastic gradient descent with momentum, in PyTorch's convention: the rate does not enter the velocity."""

from torch import Tensor

DECAY = 0.9


def momentum(gradient: Tensor, rate: Tensor, slots: tuple[Tensor], step: int) -> tuple[Tensor, tuple[Tensor]]:
    """Return what is subtracted, ``rate * v``, and the velocity ``v = .9 v + gradient`` (`torch.optim.SGD`)."""
    velocity = DECAY * slots[0] + gradient
    return velocity * rate, (velocity,)
