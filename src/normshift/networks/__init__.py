"""Architectures and normalisers, each written as if there were only one network."""

from torch import nn

from normshift.networks import architectures, normalisers
from normshift.params import Model, Norm


def build(model: Model, norm: Norm, inputs: int, classes: int) -> nn.Module:
    """Return the network of a cell, its parameters not yet drawn (`networks.initial.draw`)."""
    architecture = architectures.REGISTRY[model.kind]
    network = architecture(model, normalisers.REGISTRY[norm.kind], inputs, classes)
    for module in network.modules():
        if hasattr(module, "eps"):
            module.eps = norm.eps
    return network
