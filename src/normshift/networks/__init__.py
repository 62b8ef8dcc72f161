"""Architectures and normalisers, each written as if there were only one network."""

import math
from functools import cache
from typing import NamedTuple

import torch
from torch import nn

from normshift.networks import architectures, normalisers
from normshift.params import Model, Norm


class Size(NamedTuple):
    """How many units a hidden layer has, and at how many positions of a sample."""

    width: int
    positions: int


def build(model: Model, norm: Norm, shape: tuple[int, ...], classes: int) -> nn.Module:
    """Return the network of a cell, its parameters not yet drawn (`networks.initial.draw`); it takes flat inputs.

    ``shape`` is that of a sample. Raises ``ValueError`` where the network does not fit it.
    """
    network = architectures.REGISTRY[model.kind](model, normalisers.REGISTRY[norm.kind], shape, classes)
    for module in network.modules():
        if hasattr(module, "eps"):
            module.eps = norm.eps
    return network


@cache
def sizes(model: Model, shape: tuple[int, ...]) -> tuple[Size, ...]:
    """Return the size of each hidden layer, as a network shows it that holds no numbers."""
    with torch.device("meta"):
        _, sites = _bare(model, shape)(torch.empty(1, math.prod(shape)))
    return tuple(Size(layer.u.shape[1], layer.u.shape[0]) for layer in sites)


def widths(model: Model, shape: tuple[int, ...]) -> list[int]:
    """Return how many units each hidden layer has."""
    return [size.width for size in sizes(model, shape)]


@cache
def parameters(model: Model, shape: tuple[int, ...]) -> int:
    """Return how many parameters there are, but for gamma and beta, and for those of ten classes."""
    with torch.device("meta"):
        return sum(value.numel() for value in _bare(model, shape).parameters())


def _bare(model: Model, shape: tuple[int, ...], classes: int = 10) -> nn.Module:
    return architectures.REGISTRY[model.kind](model, normalisers.REGISTRY["none"], shape, classes)
