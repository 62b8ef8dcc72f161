"""Moments of activations and how far they moved. Leading axes (a stack of cells) pass through."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from normshift.networks.layer import Sites

# Where |gamma| is below this the spread at y is nearly nothing, and a shift in units of it says nothing.
SMALL_GAMMA = 0.05
# Of what a layer's units are: a spread up to it may be rounding in single precision.
ROUNDING = 1e-6


def moments(sample: Tensor) -> Tensor:
    """Return mean and biased standard deviation over samples: (..., sample, unit) -> (..., 2, unit)."""
    mean = sample.mean(dim=-2, keepdim=True)
    deviation = sample - mean  # two passes: torch.var_mean takes thirteen times as long along this axis (LOG.md)
    return torch.cat([mean, (deviation * deviation).mean(dim=-2, keepdim=True).sqrt()], dim=-2)


def pooled(parts: Sequence[tuple[int, Tensor]]) -> Tensor:
    """Return the moments of parts of a sample together, of how many each is and its own: (..., 2, unit) each."""
    total = sum(count for count, _ in parts)
    mean = sum(count * found[..., 0, :] for count, found in parts) / total
    square = sum(count * (found[..., 1, :] ** 2 + (found[..., 0, :] - mean) ** 2) for count, found in parts) / total
    return torch.stack([mean, square.sqrt()], dim=-2)


def site_moments(sites: Sites) -> Tensor:
    """Return the moments at u, x, y, a: (..., site, 2, unit)."""
    return torch.stack([moments(sample) for sample in sites], dim=-3)


def constant(found: Tensor) -> Tensor:
    """Say which units are constant, of whose spread only rounding is known: (..., 2, unit) -> (..., unit).

    A sum rounds in proportion to its terms. These are as large as the unit's mean, or, if they cancel there, as what
    is usual in the layer.
    """
    mean, sd = found.unbind(-2)
    usual = median(mean.abs() + sd).unsqueeze(-1)
    return sd <= ROUNDING * torch.maximum(mean.abs(), usual)


def known(found: Tensor, y_from_u: bool) -> Tensor:
    """Return moments whose sd is 0 where the unit is constant: (..., site, 2, unit), sites in order, the first u.

    What is constant at a site is constant at those that follow, although batch norm magnifies rounding: a at y, and
    where y is a function of the unit's own u alone (``y_from_u``) all of them.
    """
    mean, sd = found.unbind(-2)
    still, first = constant(found), 0 if y_from_u else 2
    still = torch.cat([still[..., :first, :], still[..., first:, :].cumsum(dim=-2) > 0], dim=-2)
    return torch.stack([mean, torch.where(still, 0.0, sd)], dim=-2)


def floor(gamma: Tensor) -> Tensor:
    """Return the least sigma that counts at u, x, y, a for units with this gamma: (..., unit) -> (..., site, unit)."""
    least = torch.where(gamma.abs() < SMALL_GAMMA, SMALL_GAMMA, 0.0).to(gamma)
    nothing = torch.zeros_like(least)
    return torch.stack([nothing, nothing, least, least], dim=-2)


class _Sorted(torch.autograd.Function):
    """NumPy's sort, which `torch.func.vmap` cannot look into, with the rule by which it is mapped."""

    @staticmethod
    def forward(values: Tensor, dim: int) -> Tensor:
        return torch.from_numpy(np.sort(values.numpy(), axis=dim))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, int], output: Tensor) -> None:
        ctx.mark_non_differentiable(output)

    @staticmethod
    def vmap(info: Any, in_dims: tuple[int, None], values: Tensor, dim: int) -> tuple[Tensor, int]:
        return _Sorted.apply(values.movedim(in_dims[0], 0), dim), 0


def ascending(values: Tensor, dim: int) -> Tensor:
    """Return values sorted along an axis, counted from the last one (-1), NaN last."""
    if values.device.type == "cpu":  # torch.sort takes fifteen times as long there (LOG.md)
        return _Sorted.apply(values, dim)
    return values.sort(dim=dim).values


def median(values: Tensor) -> Tensor:
    """Return the median over units (the last axis) of the values that are numbers; NaN if none is."""
    finite = values.isfinite()
    count = finite.sum(dim=-1, keepdim=True)
    ordered = ascending(torch.where(finite, values, torch.nan), -1)
    middle = [ordered.gather(-1, place.clamp_min(0)) for place in ((count - 1) // 2, count // 2)]
    # With no number at all, place 0 holds NaN.
    return ((middle[0] + middle[1]) / 2).squeeze(-1)


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
    return median(torch.stack([scaled, widened, moved], dim=-2))


def noise(batches: Tensor, y_from_u: bool = False) -> Tensor:
    """Return the sd between batches of mean / sigma, of ln sd and of mean: (batch, ..., site, 2, unit) -> (..., 3).

    sigma^2 is the variance of all batches' samples together: mean of the batch variances plus variance of the means.
    A constant unit, see `known`, is left out of the first two medians.
    """
    mean, sd = batches.unbind(-2)
    between = _squares(mean)
    spread = (between / (len(mean) - 1)).sqrt()
    pooled = ((sd**2).mean(dim=0) + between / len(mean)).sqrt()
    sigma = known(torch.stack([mean.mean(dim=0), pooled], dim=-2), y_from_u).select(-2, 1)
    scaled = torch.where(sigma > 0, spread / sigma, torch.nan)
    logs = sd.clamp_min(torch.finfo(sd.dtype).tiny).log()
    varied = (sd > 0).all(dim=0) & (sigma > 0)
    widths = torch.where(varied, (_squares(logs) / (len(logs) - 1)).sqrt(), torch.nan)
    return median(torch.stack([scaled, widths, spread], dim=-2))


def _squares(values: Tensor) -> Tensor:
    """Return sums of squared deviations along the first axis; torch.var takes five times as long (LOG.md)."""
    deviations = values - values.mean(dim=0)
    return (deviations * deviations).sum(dim=0)


def standardised(quantiles: Tensor, moments: Tensor) -> Tensor:
    """Return ``(q - mean) / sd``, 0 where the unit is constant: (..., unit, level), moments (..., unit, 2)."""
    mean, sd = moments.unsqueeze(-2).unbind(-1)
    return torch.where(constant(moments.mT).unsqueeze(-1), 0.0, (quantiles - mean) / sd)


def order_statistics(sample: Tensor, levels: Tensor) -> Tensor:
    """Return the order statistics nearest to ``levels``: (..., sample, unit) -> (..., unit, level)."""
    count = sample.shape[-2]
    ranks = (levels * count).long().clamp(max=count - 1)
    return ascending(sample, -2).index_select(-2, ranks).transpose(-1, -2)
