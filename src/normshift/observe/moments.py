"""Moments of activations and how far they moved. Leading axes (a stack of cells) pass through."""

import torch
from torch import Tensor

from normshift.networks.layer import Sites

# Where |gamma| is below this the spread at y is nearly nothing, and a shift in units of it says nothing.
SMALL_GAMMA = 0.05


def moments(sample: Tensor) -> Tensor:
    """Return mean and biased standard deviation over samples: (..., sample, unit) -> (..., 2, unit)."""
    mean = sample.mean(dim=-2, keepdim=True)
    deviation = sample - mean  # two passes: torch.var_mean takes thirteen times as long along this axis (LOG.md)
    return torch.cat([mean, (deviation * deviation).mean(dim=-2, keepdim=True).sqrt()], dim=-2)


def site_moments(sites: Sites) -> Tensor:
    """Return the moments at u, x, y, a: (..., site, 2, unit)."""
    return torch.stack([moments(sample) for sample in sites], dim=-3)


def floor(gamma: Tensor) -> Tensor:
    """Return the least sigma that counts at u, x, y, a for units with this gamma: (..., unit) -> (..., site, unit)."""
    least = torch.where(gamma.abs() < SMALL_GAMMA, SMALL_GAMMA, 0.0).to(gamma)
    nothing = torch.zeros_like(least)
    return torch.stack([nothing, nothing, least, least], dim=-2)


def median(values: Tensor) -> Tensor:
    """Return the median over units (the last axis) of the values that are numbers; NaN if none is."""
    finite = torch.where(values.isfinite(), values, torch.nan)
    return torch.nanquantile(finite, 0.5, dim=-1)


def shift(before: Tensor, after: Tensor, least: Tensor | None = None) -> Tensor:
    """Return |d mean| / sigma, |d ln sd| and |d mean|, medians over units: (..., 2, unit) twice -> (..., 3).

    sigma is the pooled standard deviation sqrt((sd^2 + sd'^2) / 2), at least ``least``. A constant unit has no sigma:
    it is left out of the first two medians.
    """
    (mean, sd), (later_mean, later_sd) = before.unbind(-2), after.unbind(-2)
    sigma = ((sd**2 + later_sd**2) / 2).sqrt()
    if least is not None:
        sigma = torch.maximum(sigma, least)
    moved = (later_mean - mean).abs()
    scaled = torch.where(sigma > 0, moved / sigma, torch.nan)
    widened = torch.where((sd > 0) & (later_sd > 0), (later_sd.log() - sd.log()).abs(), torch.nan)
    return torch.stack([median(scaled), median(widened), median(moved)], dim=-1)


def noise(batches: Tensor) -> Tensor:
    """Return the sd between batches of mean / sigma, of ln sd and of mean: (batch, ..., 2, unit) -> (..., 3).

    sigma^2 is the variance of all batches' samples together: mean of the batch variances plus variance of the means.
    """
    mean, sd = batches.unbind(-2)
    spread = mean.std(dim=0)
    sigma = ((sd**2).mean(dim=0) + mean.var(dim=0, correction=0)).sqrt()
    scaled = torch.where(sigma > 0, spread / sigma, torch.nan)
    logs = torch.where((sd > 0).all(dim=0), sd.clamp_min(torch.finfo(sd.dtype).tiny).log().std(dim=0), torch.nan)
    return torch.stack([median(scaled), median(logs), median(spread)], dim=-1)


def order_statistics(sample: Tensor, levels: Tensor) -> Tensor:
    """Return the order statistics nearest to ``levels``: (..., sample, unit) -> (..., unit, level)."""
    count = sample.shape[-2]
    ranks = (levels * count).long().clamp(max=count - 1)
    return sample.sort(dim=-2).values.index_select(-2, ranks).transpose(-1, -2)
