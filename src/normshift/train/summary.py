"""From what was seen of every unit to what is recorded: pure functions, done once a cell."""

from dataclasses import dataclass, fields

import torch
from torch import Tensor

from normshift.observe import identity, moments
from normshift.observe.plan import Plan

# Which entry of an axis is which.
BEFORE, U, Y = 0, 0, 2


@dataclass
class Units:
    """What was seen of all units of all hidden layers; NaN where it was not."""

    probe: Tensor  # moments of the first probe (cell, layer, point, state, site, 2, unit)
    second: Tensor  # of the second probe (cell, layer, full, state, site, 2, unit)
    noise: Tensor  # between batches (cell, layer, full, site, 3)
    gamma: Tensor  # (cell, layer, point, state, unit)
    beta: Tensor
    modes: Tensor  # of the first probe, by running averages, by exact statistics (cell, layer, full, 2, site, 2, unit)
    averages: Tensor  # mean and variance that these are (cell, layer, full, 2, 2, unit)

    def enter(self, name: str, place: tuple[int, ...], values: Tensor) -> None:
        """Write values (cell, layer, ...) at a place of the axes after `layer`."""
        getattr(self, name)[(slice(None), slice(None), *place)] = values

    def part(self, cells: slice) -> "Units":
        """Return what was seen of some cells."""
        return Units(*(getattr(self, field.name)[cells] for field in fields(self)))


def blank(cells: int, layers: int, width: int, plan: Plan, dtype: torch.dtype, device: str) -> Units:
    """Return room for what will be seen."""
    points, full = (cells, layers, len(plan.points)), (cells, layers, len(plan.full))
    sizes = {
        "probe": (*points, 2, 4, 2, width),
        "second": (*full, 2, 4, 2, width),
        "noise": (*full, 4, 3),
        "gamma": (*points, 2, width),
        "beta": (*points, 2, width),
        "modes": (*full, 2, 4, 2, width),
        "averages": (*full, 2, 2, width),
    }
    return Units(**{name: torch.full(size, torch.nan, dtype=dtype, device=device) for name, size in sizes.items()})


def picked(values: Tensor, kept: Tensor) -> Tensor:
    """Pick the kept units, (layer, kept), of each layer: (cell, layer, ..., unit) -> (cell, layer, ..., kept)."""
    places = kept.reshape(1, kept.shape[0], *[1] * (values.dim() - 3), kept.shape[1])
    return values.take_along_dim(places, dim=-1)


def summary(
    units: Units, plan: Plan, kept: Tensor, affine: bool, by_batch: bool, y_from_u: bool, eps: float
) -> dict[str, Tensor]:
    """Return the arrays of `records.CELL` that follow from what was seen, with a leading cell axis."""
    least = moments.floor(units.gamma[:, :, :, BEFORE]) if affine else None
    points = [plan.points.index(step) for step in plan.full]
    at_full = None if least is None else least[:, :, points]
    found = {
        "shift": _shifts(units.probe, least, plan).movedim(1, 3),
        "shift_second": moments.shift(*units.second.unbind(3), at_full).movedim(1, 2),
        "noise": units.noise.movedim(1, 2),
        "moments": picked(units.probe[:, :, :, :, U], kept).movedim(1, 3).transpose(-1, -2),
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
    followed = {plan.points.index(step): plan.reference(step) for step in plan.points}
    points = [point for point, full in followed.items() if full is not None]
    references = [plan.points.index(followed[point]) for point in points]
    then = None if least is None else least[:, :, points]
    found[:, :, points, 1] = moments.shift(before[:, :, references], before[:, :, points], then)
    return found


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
