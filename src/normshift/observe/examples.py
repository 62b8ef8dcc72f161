"""Decomposition D: how far single examples move, and how much of that is a shift of their distribution."""

import torch
from torch import Tensor

from normshift.observe.moments import ascending, constant, median, moments


def examples(before: Tensor, after: Tensor) -> Tensor:
    """Return rms displacement / sigma and W2^2 / displacement^2, medians over units: (..., sample, unit) -> (..., 2).

    The same examples in the same order twice. ``E_i (y_i' - y_i)^2 >= W2^2``: the ratio is 1 if the examples keep
    their order, near 0 if a steady histogram hides moving examples (measurement: 1.8, decomposition D). sigma is
    pooled; a constant unit has none, and a unit of which nothing moved has no ratio.
    """
    moved = ((after - before) ** 2).mean(dim=-2)
    # Equal terms added in another order may round to more.
    shifted = torch.minimum(((ascending(after, -2) - ascending(before, -2)) ** 2).mean(dim=-2), moved)
    found = [moments(sample) for sample in (before, after)]
    sd, later = (torch.where(constant(one), 0.0, one[..., 1, :]) for one in found)
    sigma = ((sd**2 + later**2) / 2).sqrt()
    rms = torch.where(sigma > 0, moved.sqrt() / sigma, torch.nan)
    share = torch.where(moved > 0, shifted / moved, torch.nan)
    return torch.stack([median(rms), median(share)], dim=-1)
