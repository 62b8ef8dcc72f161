"""The two things batch norm does, apart: what it sends forward and what it sends back."""

import torch
from torch import Tensor


def standardised(u: Tensor, eps: float) -> Tensor:
    """Return ``(u - mean_B(u)) / sigma``, whose gradient runs through both moments: (sample, unit) -> (sample, unit).

    ``du = (1 / sigma) (dx - <dx> - xhat <dx xhat>)``, <> over the batch (Ioffe & Szegedy 2015, section 3).
    """
    return (u - u.mean(0)) / sigma(u, eps)


def divided(u: Tensor, eps: float) -> Tensor:
    """Return ``u / sigma`` with sigma a constant, so that ``du = dx / sigma``: (sample, unit) -> (sample, unit)."""
    return u / sigma(u, eps).detach()


def sigma(u: Tensor, eps: float) -> Tensor:
    """Return ``sqrt(var_B(u) + eps)``, biased: (sample, unit) -> (unit)."""
    return torch.sqrt(u.var(0, correction=0) + eps)


def sent_back_as(way: Tensor, value: Tensor) -> Tensor:
    """Return ``value``, through which gradients go back as through ``way``."""
    return value.detach() + (way - way.detach())
