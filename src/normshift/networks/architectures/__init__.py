"""Architectures: ``forward(inputs) -> (outputs, sites of each hidden layer)``.

Inputs are flat, (sample, input); ``shape`` is that of a sample: (input,), or (channel, height, width). The layers that
have a normaliser are in ``hidden``, in the order in which they are run.
"""

from normshift.networks.architectures.lenet import LeNet
from normshift.networks.architectures.linear import Linear
from normshift.networks.architectures.mlp import MLP
from normshift.networks.architectures.resnet_small import ResNetSmall
from normshift.networks.architectures.vgg_small import VGGSmall

REGISTRY = {"lenet": LeNet, "linear": Linear, "mlp": MLP, "resnet_small": ResNetSmall, "vgg_small": VGGSmall}
