"""What was seen of every unit, and the few of which more is kept."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from torch import Tensor

from normshift import seeds
from normshift.observe import moments
from normshift.observe.plan import Plan
from normshift.records import KEPT

Y = 2  # of the axis `site`


def kept_units(root: int, widths: Sequence[int]) -> np.ndarray:
    """Return the units kept of each layer, the same for every cell of that shape: (layer, unit)."""
    count = min(KEPT, *widths)
    draws = [
        seeds.generator(root, "kept", number, width).permutation(width)[:count] for number, width in enumerate(widths)
    ]
    return np.sort(np.stack(draws)).astype(np.int32)


@dataclass
class Units:
    """What was seen of all units of all hidden layers; NaN where it was not, and beyond a narrower layer's own."""

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


def settled(units: Units, plan: Plan, kept: Tensor, y_from_u: bool) -> Units:
    """Return what was seen of units that are constant but for rounding without the rounding; see `moments.known`."""
    sites = ("probe", "second", "modes", "attributed")
    found = {name: moments.known(getattr(units, name), y_from_u) for name in sites}
    still = picked(found["probe"][:, :, :, :, Y, 1] == 0, kept).unsqueeze(-2)  # (cell, layer, point, state, 1, kept)
    full = [plan.points.index(step) for step in plan.full]
    for name, where in (("y", still[:, :, :, 0]), ("y_after", still[:, :, full, 1])):
        y = getattr(units, name)
        found[name] = torch.where(where, y[..., :1, :], y)
    return replace(units, **found)
