"""Architectures: ``forward(inputs) -> (logits, sites of each hidden layer)``."""

from normshift.networks.architectures.mlp import MLP

REGISTRY = {"mlp": MLP}
