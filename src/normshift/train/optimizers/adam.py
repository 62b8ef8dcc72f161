"""Adam."""

import math

from torch import Tensor

BETAS = (0.9, 0.999)
EPS = 1e-8


def adam(
    gradient: Tensor, rate: Tensor, slots: tuple[Tensor, Tensor], step: int
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """Return what is subtracted, ``rate * m^ / (sqrt(v^) + eps)``, and the moments (Kingma & Ba 2015, Alg. 1).

    ``m = beta1 m + (1 - beta1) gradient``, ``v`` the same of its square; ``m^ = m / (1 - beta1^t)`` at the update t,
    counted from 1.
    """
    first, second = (beta * slot for beta, slot in zip(BETAS, slots, strict=True))
    first = first + (1 - BETAS[0]) * gradient
    second = second + (1 - BETAS[1]) * gradient * gradient
    corrections = [1 - beta ** (step + 1) for beta in BETAS]
    direction = (first / corrections[0]) / (second.sqrt() / math.sqrt(corrections[1]) + EPS)
    return direction * rate, (first, second)
