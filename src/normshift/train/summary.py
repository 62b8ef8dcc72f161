"""From what was seen of every unit to what is recorded: pure functions, done once a cell."""

import torch
from torch import Tensor

from normshift.observe import identity, moments
from normshift.observe.examples import examples
from normshift.observe.plan import Plan
from normshift.train.units import Units, Y, picked

# Which entry of an axis is which.
BEFORE, U = 0, 0


def summary(
    units: Units, plan: Plan, kept: Tensor, affine: bool, by_batch: bool, y_from_u: bool, eps: float
) -> dict[str, Tensor]:
    """Return the arrays of `records.CELL` that follow from what was seen of `settled` units, with a leading cell axis.

    ``affine``: gamma and beta follow; ``by_batch`` and ``y_from_u`` are those of the normaliser.
    """
    least = moments.floor(units.gamma[:, :, :, BEFORE]) if affine else None
    points = [plan.points.index(step) for step in plan.full]
    at_full = None if least is None else least[:, :, points]
    found = {
        "shift": _shifts(units.probe, least, plan).movedim(1, 3),
        "shift_second": _second(units.second, at_full).movedim(1, 3),
        "noise": units.noise.movedim(1, 2),
        "moments": picked(units.probe[:, :, :, :, U], kept).movedim(1, 3).transpose(-1, -2),
        "examples": _examples(units, points, plan).movedim(1, 3),
        "attribution": _attribution(units, points, at_full).movedim(1, 2),
    }
    if affine:
        found |= {name: picked(getattr(units, name), kept).movedim(1, 3) for name in ("gamma", "beta")}
    if by_batch and y_from_u:
        found["identity"] = _identity(units, eps).movedim(1, 2)
    if by_batch:
        found["mode_identity"] = _mode_identity(units, points, eps).movedim(1, 3)
        used = units.averages.unbind(-2)
        found["tid"] = identity.discrepancy(units.modes[:, :, :, :, U], *used).movedim(1, 3)
    return found


def _shifts(probe: Tensor, least: Tensor | None, plan: Plan) -> Tensor:
    """Return shifts (cell, layer, point, horizon, site, shift): over the step, since the full point, since step 0."""
    before, after = probe.unbind(3)
    found = before.new_full((*before.shape[:3], 3, before.shape[3], 3), torch.nan)
    found[:, :, :, 0] = moments.shift(before, after, least)
    found[:, :, :, 2] = moments.shift(before[:, :, :1], before, least)
    points, references = _followers(plan)
    then = None if least is None else least[:, :, points]
    found[:, :, points, 1] = moments.shift(before[:, :, references], before[:, :, points], then)
    return found


def _second(second: Tensor, least: Tensor | None) -> Tensor:
    """Return shifts on the second probe (cell, layer, full, horizon, site, shift): step, an epoch, since the start."""
    before, after, later = second.unbind(3)
    pairs = (before, after), (before, later), (before[:, :, :1].expand_as(before), before)
    found = torch.stack([moments.shift(*pair, least) for pair in pairs], dim=3)
    found[:, :, 0, 2] = torch.nan  # the start is no time later than itself
    return found


def _followers(plan: Plan) -> tuple[list[int], list[int]]:
    """Return the points that follow a full one, and those full ones."""
    followed = {plan.points.index(step): plan.reference(step) for step in plan.points}
    points = [point for point, full in followed.items() if full is not None]
    return points, [plan.points.index(followed[point]) for point in points]


def _examples(units: Units, full: list[int], plan: Plan) -> Tensor:
    """Return how examples moved (cell, layer, point, horizon, part), horizons as in `_shifts`."""
    found = units.y.new_full((*units.y.shape[:3], 3, 2), torch.nan)
    found[:, :, full, 0] = examples(units.y[:, :, full], units.y_after)
    points, references = _followers(plan)
    found[:, :, points, 1] = examples(units.y[:, :, references], units.y[:, :, points])
    found[:, :, 1:, 2] = examples(units.y[:, :, :1], units.y[:, :, 1:])
    return found


def _attribution(units: Units, full: list[int], least: Tensor | None) -> Tensor:
    """Return what an update's parts do (cell, layer, full, site, cause, part): all, below, itself, not their sum."""
    before, after = units.probe[:, :, full][:, :, :, :, [U, Y]].unbind(3)
    below, own = units.attributed.unbind(3)
    mean, sd = before.unbind(-2)
    sigma = ((sd**2 + after[..., 1, :] ** 2) / 2).sqrt()
    if least is not None:
        sigma = torch.maximum(sigma, least[:, :, :, [U, Y]])
    effects = []
    for moved in (after, below, own):
        widened = torch.where((sd > 0) & (moved[..., 1, :] > 0), moved[..., 1, :].log() - sd.log(), torch.nan)
        shifted = torch.where(sigma > 0, (moved[..., 0, :] - mean) / sigma, torch.nan)
        effects.append(torch.stack([shifted, widened], dim=-2))
    total, lower, itself = effects
    causes = torch.stack([total, lower, itself, total - lower - itself], dim=-3)
    return moments.median(causes.abs())


def _identity(units: Units, eps: float) -> Tensor:
    """Return identity A's residuals in batch mode (cell, layer, point, moment)."""
    gamma, beta = units.gamma[:, :, :, BEFORE], units.beta[:, :, :, BEFORE]
    u, y = units.probe[:, :, :, BEFORE, U], units.probe[:, :, :, BEFORE, Y]
    mean, sd = u.unbind(-2)
    return identity.residual(y, identity.predicted(u, gamma, beta, mean, sd**2, eps), gamma, beta)


def _mode_identity(units: Units, points: list[int], eps: float) -> Tensor:
    """Return the same with the averages that normalised (cell, layer, full, mode, moment)."""
    gamma, beta = (values[:, :, points, BEFORE, None] for values in (units.gamma, units.beta))
    u, y = units.modes[:, :, :, :, U], units.modes[:, :, :, :, Y]
    return identity.residual(y, identity.predicted(u, gamma, beta, *units.averages.unbind(-2), eps), gamma, beta)
