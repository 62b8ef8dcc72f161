"""From what was seen of every unit to what is recorded: pure functions, done once a cell."""

from dataclasses import dataclass

import torch
from torch import Tensor

from normshift.observe import identity, moments
from normshift.observe.plan import Plan


@dataclass
class Units:
    """What was seen of all units of a layer; NaN where it was not."""

    probe: Tensor  # moments of the first probe (cell, point, state, site, 2, unit)
    second: Tensor  # of the second probe (cell, full, state, site, 2, unit)
    noise: Tensor  # between batches (cell, full, site, 3)
    gamma: Tensor  # (cell, point, state, unit)
    beta: Tensor
    modes: Tensor  # of the first probe, normalised by running averages, by exact ones (cell, full, 2, site, 2, unit)
    averages: Tensor  # mean and variance that these are (cell, full, 2, 2, unit)

    def enter(self, name: str, place: tuple[int, ...], values: Tensor) -> None:
        """Write values (cell, ...) at a place of the axes after `cell`."""
        getattr(self, name)[(slice(None), *place)] = values

    def part(self, cells: slice) -> "Units":
        """Return what was seen of some cells."""
        return Units(**{name: values[cells] for name, values in self.__dict__.items()})


def blank(cells: int, plan: Plan, width: int, dtype: torch.dtype, device: str) -> Units:
    """Return room for what will be seen of a layer."""
    points, full = (cells, len(plan.points)), (cells, len(plan.full))
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


def summary(
    layers: list[Units], plan: Plan, kept: Tensor, affine: bool, by_batch: bool, eps: float
) -> dict[str, Tensor]:
    """Return the arrays of `records.CELL` that follow from what was seen of each layer, with a leading cell axis."""
    points = [plan.points.index(step) for step in plan.full]
    least = [moments.floor(one.gamma[:, :, 0]) if affine else None for one in layers]
    pairs = list(zip(layers, least, strict=True))
    found = {
        "shift": torch.stack([_shifts(one.probe, floor, plan) for one, floor in pairs], dim=3),
        "shift_second": torch.stack(
            [
                moments.shift(*one.second.unbind(2), floor if floor is None else floor[:, points])
                for one, floor in pairs
            ],
            dim=2,
        ),
        "noise": torch.stack([one.noise for one in layers], dim=2),
        "moments": _kept([one.probe[:, :, :, 0] for one in layers], kept).transpose(-1, -2),
    }
    if affine:
        found |= {name: _kept([getattr(one, name) for one in layers], kept) for name in ("gamma", "beta")}
    if by_batch:
        found["identity"] = torch.stack([_identity(one, eps) for one in layers], dim=2)
        found["mode_identity"] = torch.stack([_mode_identity(one, points, eps) for one in layers], dim=3)
        found["tid"] = torch.stack(
            [identity.discrepancy(one.modes[:, :, :, 0], *one.averages.unbind(-2)) for one in layers], dim=3
        )
    return found


def _kept(per_unit: list[Tensor], kept: Tensor) -> Tensor:
    """Pick the kept units: layers of (cell, point, state, ..., unit) -> (cell, point, state, layer, ..., kept)."""
    picked = [values.index_select(-1, units) for values, units in zip(per_unit, kept, strict=True)]
    return torch.stack(picked, dim=3)


def _shifts(probe: Tensor, least: Tensor | None, plan: Plan) -> Tensor:
    """Return shifts (cell, point, horizon, site, shift): over the step, since the full point followed, since step 0."""
    before, after = probe.unbind(2)
    found = before.new_full((*before.shape[:2], 3, before.shape[2], 3), torch.nan)
    found[:, :, 0] = moments.shift(before, after, least)
    found[:, :, 2] = moments.shift(before[:, :1], before, least)
    followed = {plan.points.index(step): plan.reference(step) for step in plan.points}
    points = [point for point, full in followed.items() if full is not None]
    references = [plan.points.index(followed[point]) for point in points]
    since = moments.shift(before[:, references], before[:, points], None if least is None else least[:, points])
    found[:, points, 1] = since
    return found


def _identity(one: Units, eps: float) -> Tensor:
    """Return identity A's residuals in batch mode (cell, point, moment)."""
    gamma, beta = one.gamma[:, :, 0], one.beta[:, :, 0]
    u, y = one.probe[:, :, 0, 0], one.probe[:, :, 0, 2]
    mean, sd = u.unbind(-2)
    return identity.residual(y, identity.predicted(u, gamma, beta, mean, sd**2, eps), gamma, beta)


def _mode_identity(one: Units, points: list[int], eps: float) -> Tensor:
    """Return the same with the averages that normalised (cell, full, mode, moment)."""
    gamma, beta = (values[:, points, 0, None] for values in (one.gamma, one.beta))
    u, y = one.modes[:, :, :, 0], one.modes[:, :, :, 2]
    return identity.residual(y, identity.predicted(u, gamma, beta, *one.averages.unbind(-2), eps), gamma, beta)
