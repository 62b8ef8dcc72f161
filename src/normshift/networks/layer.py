"""One hidden layer, fully connected or convolutional, and what each site of it reads."""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call

from normshift.networks.disturbance import Disturbance
from normshift.networks.initial import fans, variance
from normshift.networks.positions import grouped, images, rows
from normshift.networks.ways import standardised

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "identity": nn.Identity,
}


class Sites(NamedTuple):
    """A layer's activations (row, unit): before the normaliser, normalised, after gamma, beta, noise, after all."""

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

    def __init__(self, linear: nn.Module, width: int, normaliser: Callable[[int], nn.Module], activation: str):
        super().__init__()
        self.linear = linear
        self.normaliser = normaliser(width)
        self.affine = Affine(width) if self.normaliser.affine_follows else nn.Identity()
        self.noise = Disturbance() if self.normaliser.noise_follows else nn.Identity()
        self.activation = ACTIVATIONS[activation]()
        self.spread = variance(*fans(linear.weight), activation)

    def mapped(self, inputs: Tensor) -> Tensor:
        """Return the linear map of the inputs; by standardised weights, if the normaliser is one of weights."""
        if not self.normaliser.of_weights:
            return self.linear(inputs)
        by_unit = standardised(self.linear.weight.flatten(1).mT, self.normaliser.eps).mT.reshape(
            self.linear.weight.shape
        )
        return functional_call(self.linear, {"weight": by_unit * math.sqrt(self.spread)}, (inputs,))

    def after(self, u: Tensor, samples: int) -> Sites:
        """Return the sites that follow from u, (row, unit), of so many samples."""
        together = grouped(u, samples) if self.normaliser.by_sample and len(u) > samples else u
        x = self.normaliser(together).reshape(u.shape)
        y = self.noise(self.affine(x))
        return Sites(u, x, y, self.activation(y))


class Dense(Layer):
    """A fully connected layer."""

    def __init__(self, inputs: int, width: int, normaliser: Callable[[int], nn.Module], activation: str):
        super().__init__(nn.Linear(inputs, width), width, normaliser, activation)

    def forward(self, inputs: Tensor) -> Sites:  # noqa: D102
        return self.after(self.mapped(inputs), len(inputs))


class Convolution(Layer):
    """A convolution of images to images; its sites are rows."""

    def __init__(
        self,
        inputs: int,
        width: int,
        normaliser: Callable[[int], nn.Module],
        activation: str,
        kernel: int,
        padding: int = 0,
        stride: int = 1,
    ):
        super().__init__(nn.Conv2d(inputs, width, kernel, stride, padding), width, normaliser, activation)

    def forward(self, inputs: Tensor) -> tuple[Sites, Tensor]:
        """Return the sites, and what the next layer receives: (sample, unit, height, width)."""
        convolved = self.mapped(inputs)
        sites = self.after(rows(convolved), len(convolved))
        return sites, images(sites.a, *convolved.shape[2:])
