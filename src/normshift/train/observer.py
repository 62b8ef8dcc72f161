"""Looks at a stack while it trains, at the points of the plan.

It reads a program's state through its looks; nothing it does can change training. What it sees of all units
is kept until the end, in `seen`; `summary` makes of it what is recorded.
"""

import numpy as np
import torch
from torch import Tensor, nn

from normshift import records, seeds
from normshift.observe import moments
from normshift.observe.forward import State, averages, population
from normshift.observe.plan import Plan
from normshift.params import Cell
from normshift.train.motion import PARAMETERS, layer_names
from normshift.train.samples import Samples
from normshift.train.summary import blank, picked, summary

# Batches behind the noise between batches (measurement, 1.8: at least 30).
BATCHES = 30


def kept_units(root: int, layers: int, width: int) -> np.ndarray:
    """Return the units kept of each layer, the same for every cell of that shape: (layer, unit)."""
    count = min(records.KEPT, width)
    draws = [seeds.generator(root, "kept", layer, width).permutation(width)[:count] for layer in range(layers)]
    return np.sort(np.stack(draws)).astype(np.int32)


def plan_arrays(plan: Plan, cell: Cell, network: nn.Module) -> dict[str, np.ndarray]:
    """Return the arrays of `records.PLAN`."""
    return {
        "points": np.array(plan.points, np.int32),
        "full": np.array([plan.points.index(step) for step in plan.full], np.int32),
        "epoch": np.array(plan.epoch, np.int32),
        "kept": kept_units(cell.root, cell.model.depth, cell.model.width),
        "eps": np.array(float(getattr(network.hidden[0].normaliser, "eps", np.nan))),
    }


class Observer:
    """Looks at a stack before and after the updates that the plan names.

    Until the end it only copies, which is safe for all cells at once; what is reduced is reduced part by part.
    """

    def __init__(self, running, network: nn.Module, cells: list[Cell], samples: Samples, plan: Plan):
        self._running, self._samples, self._plan = running, samples, plan
        cell, normaliser = cells[0], network.hidden[0].normaliser
        self._affine, self._eps = normaliser.affine_follows, float(getattr(normaliser, "eps", np.nan))
        self._by_batch, self._y_from_u = normaliser.by_batch, normaliser.y_from_u
        self._sketches = ("quantiles",) if self._y_from_u else ("quantiles", "y_quantiles")
        kept = kept_units(cell.root, cell.model.depth, cell.model.width)
        self._kept = torch.from_numpy(kept).long().to(samples.device)
        self._levels = torch.from_numpy(records.LEVELS).to(samples.device)
        self._fixed = {name: samples.fixed(name) for name in ("probe", "second", "subset", "test", "train")}
        self._names = {name: layer_names(running.parameters, name) for name in PARAMETERS}
        shape = (len(cells), cell.model.depth, cell.model.width)
        self._units = blank(*shape, plan, samples.dtype, samples.device)
        self._found: dict[str, Tensor] = {}

    def arrays(self) -> dict[str, Tensor]:
        """Return everything seen, as the arrays of `records.CELL` with a leading cell axis."""
        how = (self._plan, self._kept, self._affine, self._by_batch, self._y_from_u, self._eps)
        made = [summary(self._units.part(part), *how) for part in self._running.parts]
        return {**self._found, **{name: torch.cat([one[name] for one in made]) for name in made[0]}}

    # --- where it is put -------------------------------------------------------------------------------------------

    def _put(self, name: str, place: tuple[int, ...], size: tuple[int, ...], values: Tensor) -> None:
        """Write values (cell, ...) at a place of an array whose leading axes after `cell` have these sizes."""
        if name not in self._found:
            self._found[name] = values.new_full((values.shape[0], *size, *values.shape[1:]), torch.nan)
        self._found[name][(slice(None), *place)] = values

    def _at(self, name: str, point: int, values: Tensor) -> None:
        self._put(name, (point,), (len(self._plan.points),), values)

    # --- what is seen ----------------------------------------------------------------------------------------------

    def _parameter(self, name: str, state: State | None = None) -> Tensor:
        """Return gamma or beta, or a state's entries of these names, of all layers: (cell, layer, unit)."""
        state = self._running.parameters if state is None else state
        return torch.stack([state[full] for full in self._names[name]], dim=1)

    def _moments(self, name: str, averages: State | None = None) -> Tensor:
        """Return moments (cell, layer, site, 2, unit) on a fixed set."""
        return self._running.see(self._fixed[name], self._kept, averages).moments

    def before(self, step: int) -> None:
        """See the stack before the update of a step."""
        if step not in self._plan.points:
            return
        point = self._plan.points.index(step)
        self._state(point, 0)
        for name, values in zip(("loss", "accuracy"), self._running.score(self._fixed["subset"]), strict=True):
            self._at(f"subset_{name}", point, values)
        self._at("weight_norm", point, self._weight_norms())
        if step in self._plan.full:
            full = self._plan.full.index(step)
            self._units.enter("second", (full, 0), self._moments("second"))
            self._units.enter("noise", (full,), self._noise(step))
            if self._by_batch:
                self._modes(full)

    def after(self, step: int) -> None:
        """See the stack after the update of a step."""
        if step not in self._plan.points:
            return
        self._state(self._plan.points.index(step), 1)
        if self._affine:
            for name in ("gamma", "beta"):
                slopes = picked(self._parameter(f"affine.{name}", self._running.gradients), self._kept)
                self._at(f"{name}_gradient", self._plan.points.index(step), slopes)
        if step in self._plan.full:
            self._units.enter("second", (self._plan.full.index(step), 1), self._moments("second"))

    def _state(self, point: int, state: int) -> None:
        """See the first probe, and the batches of this step and the next."""
        step = self._plan.points[point]
        seen = self._running.see(self._fixed["probe"], self._kept)
        self._units.enter("probe", (point, state), seen.moments)
        if self._affine:
            for name in ("gamma", "beta"):
                self._units.enter(name, (point, state), self._parameter(f"affine.{name}"))
        for name, samples in zip(self._sketches, (seen.u, seen.y), strict=False):
            if state == 0:
                self._at(name, point, self._sketch(samples))
            elif step in self._plan.full:
                self._put(
                    f"{name}_after", (self._plan.full.index(step),), (len(self._plan.full),), self._sketch(samples)
                )
        steps = [(step + number) % self._samples.steps for number in (0, 1)]
        u = self._running.see_batches(steps, only_u=True)[:, :, :, 0].movedim(1, 2)
        corners = picked(u, self._kept).movedim(1, 2).transpose(-1, -2)
        self._put("corners", (point, state), (len(self._plan.points), 2), corners)

    def _sketch(self, samples: Tensor) -> Tensor:
        """Return order statistics (cell, layer, kept unit, level)."""
        return moments.order_statistics(samples, self._levels)

    def _weight_norms(self) -> Tensor:
        """Return the norm of each layer's weight: (cell, layer)."""
        weights = [self._running.parameters[name].flatten(1) for name in self._names["linear.weight"]]
        rows = [
            torch.stack([torch.linalg.vector_norm(one[part], dim=1) for one in weights], dim=1)
            for part in self._running.parts
        ]
        return torch.cat(rows)

    def _noise(self, step: int) -> Tensor:
        """Return the noise between batches (cell, layer, site, 3)."""
        steps = [(step + 1 + number) % self._samples.steps for number in range(BATCHES)]
        seen = self._running.see_batches(steps)
        return torch.cat([moments.noise(seen[part].transpose(0, 1)) for part in self._running.parts])

    def _modes(self, full: int) -> None:
        """See the probe normalised by running averages, and by exact statistics."""
        for number, used in enumerate((self._running.buffers, self._population())):
            self._units.enter("modes", (full, number), self._moments("probe", used))
            self._units.enter("averages", (full, number), averages(used, len(self._kept)))

    def _population(self) -> State:
        seen = self._running.see(self._fixed["train"], self._kept, only_u=True, calm=True).moments
        return population(self._running.buffers, seen[:, :, 0])

    def trajectory(self, step: int) -> None:
        """Keep gamma and beta of the kept units at every `records.STRIDE`-th update."""
        if self._affine and step % records.STRIDE == 0:
            size = (-(-self._plan.steps // records.STRIDE),)
            for name in ("gamma", "beta"):
                values = picked(self._parameter(f"affine.{name}"), self._kept)
                self._put(f"{name}_trajectory", (step // records.STRIDE,), size, values)

    def finish(self) -> None:
        """See the stack after its last update: accuracy on the test set in every mode."""
        averages = self._running.buffers
        modes = [None, averages, self._population() if self._by_batch else averages]
        for number, used in enumerate(modes):
            loss, accuracy = self._running.score(self._fixed["test"], used)
            self._put("test_loss", (number,), (3,), loss)
            self._put("test_accuracy", (number,), (3,), accuracy)
        self._found["final_subset_accuracy"] = self._running.score(self._fixed["subset"])[1]
