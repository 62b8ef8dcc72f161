"""Normalisers: ``(width) -> nn.Module`` from u to x, shape kept; gamma and beta follow apart, so that x can be read."""

from normshift.networks.normalisers.batch import BatchNorm
from normshift.networks.normalisers.layer import LayerNorm
from normshift.networks.normalisers.none import NoNorm

REGISTRY = {"batch": BatchNorm, "layer": LayerNorm, "none": NoNorm}
