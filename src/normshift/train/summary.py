"""From what was seen of every unit to what is recorded: pure functions, done once a cell."""

from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor

from normshift.observe import identity, moments
from normshift.observe.examples import examples
from normshift.observe.plan import Plan

# Which entry of an axis is which.
BEFORE, U, Y = 0, 0, 2


@dataclass
class Units:
    """What was seen of all units of all hidden layers; NaN where it was not."""

    probe: Tensor  # moments of the first probe (cell, layer, point, state, site, 2, unit)
    second: Tensor  # of the second probe: before, after, an epoch later (cell, layer, full, 3, site, 2, unit)
    noise: Tensor  # between batches (cell, layer, full, site, 3)
    gamma: Tensor  # (cell, layer, point, state, unit)
    beta: Tensor
    modes: Tensor  # of the first probe, by running averages, by exact statistics (cell, layer, full, 2, site, 2, unit)
    averages: Tensor  # mean and variance that these are (cell, layer, full, 2, 2, unit)
    attributed: Tensor  # of the first probe at u and y, below or itself moved (cell, layer, full, cause, 2, 2, unit)
    y: Tensor  # kept units on the first probe (cell, layer, point, sample, kept)
    y_after: Tensor  # after the update (cell, layer, full, sample, kept)

    def enter(self, name: str, place: tuple[int, ...], values: Tensor) -> None:
        """Write values (cell, layer, ...) at a place of the axes after `layer`."""
        getattr(self, name)[(slice(None), slice(None), *place)] = values

    def part(self, cells: slice) -> "Units":
        """Return what was seen of some cells."""
        return Units(*(getattr(self, field.name)[cells] for field in fields(self)))


def blank(
    cells: int, layers: int, width: int, sample: tuple[int, int], plan: Plan, dtype: torch.dtype, device: str
) -> Units:
    """Return room for what will be seen; ``sample`` are the probe's samples and the kept units."""
    points, full = (cells, layers, len(plan.points)), (cells, layers, len(plan.full))
    sizes = {
        "probe": (*points, 2, 4, 2, width),
        "second": (*full, 3, 4, 2, width),
        "noise": (*full, 4, 3),
        "gamma": (*points, 2, width),
        "beta": (*points, 2, width),
        "modes": (*full, 2, 4, 2, width),
        "averages": (*full, 2, 2, width),
        "attributed": (*full, 2, 2, 2, width),
        "y": (*points, *sample),
        "y_after": (*full, *sample),
    }
    return Units(**{name: torch.full(size, torch.nan, dtype=dtype, device=device) for name, size in sizes.items()})


def picked(values: Tensor, kept: Tensor) -> Tensor:
    """Pick the kept units, (layer, kept), of each layer: (cell, layer, ..., unit) -> (cell, layer, ..., kept)."""
    places = kept.reshape(1, kept.shape[0], *[1] * (values.dim() - 3), kept.shape[1])
    return values.take_along_dim(places, dim=-1)


def settled(units: Units, plan: Plan, kept: Tensor, per_unit: bool) -> Units:
    """Return what was seen of units that are constant but for rounding without the rounding; see `moments.known`."""
    sites = ("probe", "second", "modes", "attributed")
    found = {name: moments.known(getattr(units, name), per_unit) for name in sites}
    still = picked(found["probe"][:, :, :, :, Y, 1] == 0, kept).unsqueeze(-2)  # (cell, layer, point, state, 1, kept)
    full = [plan.points.index(step) for step in plan.full]
    for name, where in (("y", still[:, :, :, 0]), ("y_after", still[:, :, full, 1])):
        y = getattr(units, name)
        found[name] = torch.where(where, y[..., :1, :], y)
    return replace(units, **found)


def summary(
    units: Units, plan: Plan, kept: Tensor, affine: bool, by_batch: bool, y_from_u: bool, eps: float
) -> dict[str, Tensor]:
    """Return the arrays of `records.CELL` that follow from what was seen of `settled` units, with a leading cell axis.

    ``affine``: gamma and beta follow; ``by_batch``: the normaliser has running averages; ``y_from_u``: y is one affine
    map of u per unit.
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
