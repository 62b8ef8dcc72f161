"""Identity A: what gamma and beta set, and by how much running averages miss it (TID: Wang, Wu & Huang 2022)."""

import torch
from torch import Tensor

from normshift.observe.moments import median


def predicted(u: Tensor, gamma: Tensor, beta: Tensor, used_mean: Tensor, used_variance: Tensor, eps: float) -> Tensor:
    """Return the moments of y that follow from those of u: (..., 2, unit).

    ``mean(y) = beta + gamma (mean(u) - used_mean) / sqrt(used_variance + eps)``,
    ``sd(y) = |gamma| sd(u) / sqrt(used_variance + eps)``; in batch mode the used moments are u's own.
    """
    mean, sd = u.unbind(-2)
    root = (used_variance + eps).sqrt()
    return torch.stack([beta + gamma * (mean - used_mean) / root, gamma.abs() * sd / root], dim=-2)


def residual(y: Tensor, expected: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
    """Return the largest |measured - predicted| over units, in units of max(1, |gamma|, |beta|): (..., 2).

    Units of which no spread is expected are left out: of a constant unit batch norm magnifies the rounding. So are
    those beyond a narrower layer's own.
    """
    unit = torch.maximum(gamma.abs(), beta.abs()).clamp_min(1.0).unsqueeze(-2)
    missed, spread = (y - expected).abs() / unit, expected[..., 1:, :]
    still = (spread == 0) | spread.isnan()
    return torch.where(still.all(dim=-1), torch.nan, torch.where(still, 0.0, missed).amax(dim=-1))


def discrepancy(u: Tensor, used_mean: Tensor, used_variance: Tensor) -> Tensor:
    """Return TID: medians over units of |used - own mean| / own sd and |used sd / own sd - 1|: (..., 2)."""
    mean, sd = u.unbind(-2)
    in_mean = torch.where(sd > 0, (used_mean - mean).abs() / sd, torch.nan)
    in_sd = torch.where(sd > 0, (used_variance.sqrt() / sd - 1).abs(), torch.nan)
    return torch.stack([median(in_mean), median(in_sd)], dim=-1)
