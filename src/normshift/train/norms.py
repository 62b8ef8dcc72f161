"""Norms over whole parameters, taken part by part, for their bits must not depend on the company."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor


def norm(parts: Sequence[slice], tensors: Iterable[Tensor]) -> Tensor:
    """Return the norm of all entries of some tensors together: (cell, ...) each -> (cell)."""
    together = list(tensors)
    vectors = [torch.cat([tensor[part].flatten(1) for tensor in together], dim=1) for part in parts]
    return torch.cat([torch.linalg.vector_norm(vector, dim=1) for vector in vectors])


def inner(parts: Sequence[slice], one: Tensor, other: Tensor) -> Tensor:
    """Return the inner product of all entries: (cell, ...) twice -> (cell)."""
    return torch.cat([(one[part] * other[part]).flatten(1).sum(1) for part in parts])
