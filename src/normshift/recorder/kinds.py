"""What a module is to the recorder: a normaliser, a nonlinearity, a recurrent network, or something else."""

import re

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd
from torch.nn.modules.instancenorm import _InstanceNorm

SLOW = ("running_mean", "running_var")
NORM = re.compile(r"Norm(\dd)?$")
NONLINEAR = re.compile(r"(ReLU|GELU|ELU|SiLU|Swish|Mish|Tanh|Sigmoid|Activation)$", re.IGNORECASE)
# In torch.nn.modules.activation, yet nothing that acts on each unit alone.
JOINT = ("MultiheadAttention", "Softmax", "Softmax2d", "Softmin", "LogSoftmax", "GLU")


def normalises(module: nn.Module) -> bool:
    """Say whether a module is a normaliser: one of torch's, or a leaf whose class is called so (LlamaRMSNorm, ...)."""
    return bool(NORM.search(type(module).__name__)) and not any(True for _ in module.children())


def nonlinear(module: nn.Module) -> bool:
    """Say whether a module is a nonlinearity that acts on each unit alone, by its class."""
    name = type(module).__name__
    if name in JOINT or any(True for _ in module.children()):
        return False
    return type(module).__module__ == "torch.nn.modules.activation" or bool(NONLINEAR.search(name))


def recurrent(module: nn.Module) -> bool:
    """Say whether a module is one of torch's recurrent networks."""
    return isinstance(module, nn.RNNBase)


def by_batch(module: nn.Module) -> bool:
    """Say whether a module normalises by the batch in training: batch norm, or what keeps running averages like it."""
    kept = all(isinstance(getattr(module, name, None), Tensor) for name in SLOW)
    return isinstance(module, _BatchNorm) or (kept and not isinstance(module, _InstanceNorm))


def averaging(module: nn.Module) -> bool:
    """Say whether a module normalises by the batch and has running averages, as buffers."""
    return by_batch(module) and all(isinstance(module._buffers.get(name), Tensor) for name in SLOW)


def axis(module: nn.Module) -> int | None:
    """Return where the units of a module's output are; None if only its input can tell.

    Convolutions and what normalises them have channels second; linear maps, layer norm and recurrent networks last.
    """
    if isinstance(module, _ConvNd | _BatchNorm | _InstanceNorm | nn.GroupNorm):
        return 1
    if isinstance(module, nn.LayerNorm):
        return -len(module.normalized_shape)
    if isinstance(module, nn.Linear | nn.Embedding | nn.RNNBase | nn.Bilinear) or type(module).__name__.endswith(
        "RMSNorm"
    ):
        return -1
    return 1 if by_batch(module) else None


def usual_axis(dimensions: int) -> int:
    """Return where units are in a tensor of so many dimensions, if nothing tells: second in images, else last."""
    return 1 if dimensions > 3 else -1


def affine(module: nn.Module, units: int) -> dict[str, Tensor]:
    """Return gamma and beta of a normaliser (unit), as far as it has them, one a unit."""
    names = {"gamma": ("weight", "gamma"), "beta": ("bias", "beta")}
    found = {}
    for name, ways in names.items():
        values = next((one for way in ways if isinstance(one := getattr(module, way, None), Tensor)), None)
        if values is not None and values.shape == (units,):
            found[name] = values.detach()
    return found
