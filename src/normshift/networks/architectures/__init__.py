"""Architectures: ``forward(inputs) -> (outputs, sites of each hidden layer)``."""

from normshift.networks.architectures.linear import Linear
from normshift.networks.architectures.mlp import MLP

REGISTRY = {"linear": Linear, "mlp": MLP}
