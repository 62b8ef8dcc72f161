"""A layer through time, as its snapshots show it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from normshift.metrics.sketch import ACTIVATIONS, centred
from normshift.observe import moments
from normshift.observe.plan import TEN
from normshift.recorder.layer import Layer
from normshift.recorder.schedule import Schedule
from normshift.records import SITES

if TYPE_CHECKING:
    from normshift.recorder.recording import Recording

U, X, Y, A = range(len(SITES))
# Nonlinearities that ascend: what they make of order statistics are order statistics.
ASCENDING = {"ReLU": "relu", "Tanh": "tanh", "Sigmoid": "sigmoid"}


@dataclass(frozen=True)
class History:
    """What was seen of a layer in a mode: all snapshots that show it, along the first axis of every array."""

    layer: Layer
    number: int
    kept: NDArray
    steps: NDArray
    arrays: dict[str, NDArray]

    @cached_property
    def moments(self) -> Tensor:
        """Moments (snapshot, site, 2, unit), sd 0 where rounding is all that is known of it, NaN beyond all numbers."""
        found = torch.from_numpy(self.arrays["moments"])
        # In units of an infinite sigma a network that diverges would not move.
        return moments.known(torch.where(found.isfinite(), found, torch.nan), self.layer.y_from_u)

    @property
    def quantiles(self) -> NDArray:
        """Order statistics of the kept units as they were: (snapshot, site, kept unit, level)."""
        return self.arrays["quantiles"]

    def parameter(self, name: str, otherwise: float) -> Tensor:
        """Return gamma or beta (snapshot, unit), or what stands for it in a layer that has none."""
        found = self.arrays.get(name)
        blank = torch.full((len(self.steps), self.layer.units), otherwise)
        return blank if found is None else torch.from_numpy(found)

    def least(self, at: NDArray) -> Tensor | None:
        """Return the least sigma that counts at some snapshots (snapshot, site, unit); none without gamma."""
        return moments.floor(self.parameter("gamma", 1.0)[at]) if "gamma" in self.arrays else None

    def sketch(self, site: int) -> NDArray[np.float64]:
        """Return order statistics (snapshot, kept unit, level), where it can be with the moments of the whole sample.

        As `measure` makes them: u, and what is affine in it, exactly; a from y if the nonlinearity ascends.
        """
        if site == A and (name := ASCENDING.get(self.layer.activation or "")) and "y" in self.layer.places:
            return ACTIVATIONS[name](self.sketch(Y))
        if site in (U, X) or (site == Y and self.layer.y_from_u):
            return self._exact(site)
        return self.quantiles[:, site].astype(float)

    def _exact(self, site: int) -> NDArray[np.float64]:
        of = U if site == X else site
        own = self.moments[..., torch.from_numpy(self.kept).long()].mT  # (snapshot, site, kept unit, moment)
        standard = moments.standardised(torch.from_numpy(self.quantiles[:, of]), own[:, of]).numpy().astype(float)
        mean, sd = (part[..., None].numpy().astype(float) for part in own[:, site].unbind(-1))
        return mean + sd * centred(standard)


def histories(recording: "Recording", mode: str = "batch") -> Iterator[History]:
    """Yield each layer's history in a mode, if any snapshot shows it."""
    steps = [step for step in recording.steps if f"moments.{mode}.1" in recording.snapshots[step]]
    if not steps:
        return
    for number, layer in enumerate(recording.layers, 1):
        kept = np.array(recording.about["kept"][number - 1], dtype=int)
        own = {"moments": f"moments.{mode}", "quantiles": f"quantiles.{mode}", "gamma": "gamma", "beta": "beta"}
        own |= {"used": "population" if mode == "population" else "averages"}
        arrays = {
            name: np.stack([recording.snapshots[step][f"{key}.{number}"] for step in steps])
            for name, key in own.items()
            if f"{key}.{number}" in recording.snapshots[steps[0]]
        }
        yield History(layer, number, kept, np.array(steps), arrays)


def full(recording: "Recording") -> list[int]:
    """Return the snapshots of full points."""
    schedule = Schedule(recording.about["every"], recording.about["full"])
    return [step for step in recording.steps if schedule.full(step)]


def pairs(recording: "Recording", steps: NDArray) -> Iterator[tuple[str, NDArray, NDArray]]:
    """Yield horizons, and places of the earlier and later snapshots among ``steps``.

    A step wherever two snapshots are so close; ten updates and an epoch after full points; all since the start.
    """
    at = {int(step): place for place, step in enumerate(steps)}
    epoch, begins = recording.about["epoch"], [step for step in full(recording) if step in at]
    wanted = {
        "step": [(step, step + 1) for step in at],
        "ten": [(step, step + TEN) for step in begins],
        "epoch": [(step, step + epoch) for step in begins] if epoch else [],
        "start": [(0, step) for step in at if step] if 0 in at else [],
    }
    for horizon, both in wanted.items():
        found = np.array([[at[one], at[two]] for one, two in both if one in at and two in at], dtype=int).reshape(-1, 2)
        yield horizon, found[:, 0], found[:, 1]
