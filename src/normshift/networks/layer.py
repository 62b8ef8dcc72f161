"""One hidden layer, and what each site of it reads."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from normshift.networks.disturbance import Disturbance

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "identity": nn.Identity,
}


class Sites(NamedTuple):
    """A layer's activations (sample, unit): before the normaliser, normalised, after gamma, beta, noise, after all."""

    u: Tensor
    x: Tensor
    y: Tensor
    a: Tensor


class Affine(nn.Module):
    """``y = gamma x + beta``, one gamma and beta per unit."""

    def __init__(self, width: int):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(width))
        self.beta = nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor) -> Tensor:  # noqa: D102
        return torch.addcmul(self.beta, self.gamma, x)


class Layer(nn.Module):
    """Linear map, normaliser, affine map and noise if the normaliser has them, nonlinearity."""

    def __init__(self, inputs: int, width: int, normaliser: Callable[[int], nn.Module], activation: str):
        super().__init__()
        self.linear = nn.Linear(inputs, width)
        self.normaliser = normaliser(width)
        self.affine = Affine(width) if self.normaliser.affine_follows else nn.Identity()
        self.noise = Disturbance() if self.normaliser.noise_follows else nn.Identity()
        self.activation = ACTIVATIONS[activation]()

    def forward(self, inputs: Tensor) -> Sites:  # noqa: D102
        u = self.linear(inputs)
        x = self.normaliser(u)
        y = self.noise(self.affine(x))
        return Sites(u, x, y, self.activation(y))
