"""Where training starts: weights drawn per seed and layer, so that every arm of a seed starts from the same ones."""

import math

import torch
from torch import Tensor, nn

from normshift import seeds


def fans(weight: Tensor) -> tuple[int, int]:
    """Return how many weights lead to a unit and from it, by (unit, input, ...) of a linear map or a convolution."""
    units, inputs, *kernel = weight.shape
    return inputs * math.prod(kernel), units * math.prod(kernel)


def variance(fan_in: int, fan_out: int, activation: str) -> float:
    """Return a weight's variance: He et al. 2015 (arXiv:1502.01852, eq. 10) for ReLU, else Glorot & Bengio 2010."""
    return 2 / fan_in if activation == "relu" else 2 / (fan_in + fan_out)


def draw(network: nn.Module, activation: str, root: int, seed: int, sd: float | None = None) -> dict[str, Tensor]:
    """Return the network's parameters at step 0: Gaussian weights, zero biases, gamma 1, beta 0 (float32).

    The weights' standard deviation is ``sd``, or that of `variance`.
    """
    parameters = {name: value.detach().clone() for name, value in network.named_parameters()}
    for name, value in parameters.items():
        if name.endswith("bias"):
            value.zero_()
        elif name.endswith("weight"):
            normal = seeds.generator(root, "initial", seed, name).standard_normal(value.shape, dtype="float32")
            value.copy_(torch.from_numpy(normal) * (sd or math.sqrt(variance(*fans(value), activation))))
    return parameters
