"""What the recorder is told of training: whether it has begun, and the losses."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

Mark = tuple[int, int, float]


def marks(model: nn.Module) -> list[Mark]:
    """Return what changes with an update, for each parameter: where it lies, how often it was written, its norm.

    Fused optimisers write without counting it, so that the norm alone tells.
    """
    return [(value.data_ptr(), value._version, _norm(value)) for value in model.parameters()]


def _norm(value: Tensor) -> float:
    real = torch.view_as_real(value.detach()) if value.is_complex() else value.detach()
    return float(real.float().norm().nan_to_num())  # a NaN is not itself


def begun(model: nn.Module, start: list[Mark]) -> bool:
    """Say whether a parameter was written since ``start``, or has a gradient: an update that scaling skips has one."""
    return marks(model) != start or any(value.grad is not None for value in model.parameters())


def losses(given: Sequence[Tensor | float | None]) -> np.ndarray:
    """Return losses as numbers (update), NaN where none was given: a device is waited for once."""
    on_device = [one.reshape(()).double() for one in given if isinstance(one, Tensor)]
    numbers = iter(torch.stack(on_device).tolist() if on_device else ())
    told = [next(numbers) if isinstance(one, Tensor) else np.nan if one is None else float(one) for one in given]
    return np.array(told, dtype=np.float64)
