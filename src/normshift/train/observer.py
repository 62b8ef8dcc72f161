"""Looks at a stack while it trains, at the points of the plan.

It reads a program's state through its looks; nothing it does can change training. What it sees of all units
is kept until the end, in `seen`; `summary` makes of it what is recorded.
"""

import numpy as np
import torch
from torch import Tensor, nn

from normshift import networks, records
from normshift.observe import moments
from normshift.observe.forward import State
from normshift.observe.plan import Plan
from normshift.observe.ragged import side_by_side
from normshift.params import Cell
from normshift.train.detail import Detail
from normshift.train.found import Found
from normshift.train.intervening import Interventions
from normshift.train.modes import Modes
from normshift.train.motion import PARAMETERS, layer_names
from normshift.train.norms import norm
from normshift.train.regression import excesses
from normshift.train.samples import Samples
from normshift.train.summary import summary
from normshift.train.tested import Tested
from normshift.train.units import blank, kept_units, picked, settled

# Batches behind the noise between batches (measurement, 1.8: at least 30).
BATCHES = 30


def plan_arrays(plan: Plan, cell: Cell, network: nn.Module, shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Return the arrays of `records.PLAN`."""
    return {
        "points": np.array(plan.points, np.int32),
        "full": np.array([plan.points.index(step) for step in plan.full], np.int32),
        "epoch": np.array(plan.epoch, np.int32),
        "kept": kept_units(cell.root, networks.widths(cell.model, shape)),
        "eps": np.array(float(getattr(network.hidden[0].normaliser, "eps", np.nan))),
    }


class Observer:
    """Looks at a stack before and after the updates that the plan names.

    Until the end it only copies, which is safe for all cells at once; what is reduced is reduced part by part.
    """

    def __init__(self, running, network: nn.Module, cells: list[Cell], samples: Samples, plan: Plan):
        self._running, self._samples, self._plan, self._found = running, samples, plan, Found(plan)
        self._cells = cells
        cell, normaliser = cells[0], network.hidden[0].normaliser
        self._affine, self._eps = normaliser.affine_follows, float(getattr(normaliser, "eps", np.nan))
        self._by_batch, self._y_from_u = normaliser.by_batch, normaliser.y_from_u
        self._sketches = ("quantiles",) if self._y_from_u else ("quantiles", "y_quantiles")
        widths = networks.widths(cell.model, samples.shuffled.shape)
        kept = kept_units(cell.root, widths)
        self._kept = torch.from_numpy(kept).long().to(samples.device)
        self._levels = torch.from_numpy(records.LEVELS).to(samples.device)
        self._fixed = {name: samples.fixed(name) for name in ("probe", "second", "subset", "test")}
        self._names = {name: layer_names(running.parameters, name) for name in PARAMETERS}
        shape = (len(cells), len(widths), max(widths))
        sample = (self._fixed["probe"].inputs.shape[1], kept.shape[1])
        own = torch.tensor([[unit < width for unit in range(max(widths))] for width in widths])
        self._own = own.repeat(1, 2).to(samples.device)  # of gamma and beta side by side, those of the layer's units
        self._units = units = blank(*shape, sample, plan, samples.dtype, samples.device)
        self._interventions = Interventions(running, network, cells, samples, plan, units, self._found)
        self._modes = Modes(running, samples, plan, self._kept, units, self._found) if self._by_batch else None
        looks = (running, network, cells, samples, plan, self._kept, self._found)
        self._detail = Detail(*looks) if cell.watch == "detail" else None
        self._tested = Tested(running, cell, samples, self._found) if cell.watch == "tested" else None

    def arrays(self) -> dict[str, Tensor]:
        """Return everything seen, as the arrays of `records.CELL` with a leading cell axis."""
        units = settled(self._units, self._plan, self._kept, self._y_from_u)
        how = (self._plan, self._kept, self._affine, self._by_batch, self._y_from_u, self._eps)
        made = [summary(units.part(part), *how) for part in self._running.parts]
        found = {**self._found.arrays, **{name: torch.cat([one[name] for one in made]) for name in made[0]}}
        full = [self._plan.points.index(step) for step in self._plan.full]
        for name, at in (("quantiles", (slice(None), 0)), ("quantiles_after", (full, 1))):
            found[name] = moments.standardised(found[name], found["moments"][:, *at]).half()
        return found

    def before(self, step: int) -> None:
        """See the stack before the update of a step."""
        if self._modes:
            self._modes.at_quarter(step)
        if self._tested:
            self._tested.before(step)
        if step not in self._plan.points:
            return
        self._state(step, 0)
        for name, values in zip(("loss", "accuracy"), self._running.score(self._fixed["subset"]), strict=True):
            self._found.at_point(f"subset_{name}", step, values)
        weights = [norm(self._running.parts, [self._running.parameters[name]]) for name in self._names["linear.weight"]]
        self._found.at_point("weight_norm", step, torch.stack(weights, dim=1))
        if step in self._plan.full:
            full = self._plan.full.index(step)
            self._units.enter("second", (full, 0), self._moments("second"))
            self._units.enter("noise", (full,), self._noise(step))
            if self._modes:
                self._modes.at_full(full)
        if step - self._plan.epoch in self._plan.full:
            full = self._plan.full.index(step - self._plan.epoch)
            self._units.enter("second", (full, 2), self._moments("second"))
        self._interventions.before(step)
        if self._detail:
            self._detail.before(step)

    def after(self, step: int) -> None:
        """See the stack after the update of a step."""
        if step not in self._plan.points:
            return
        self._state(step, 1)
        if self._affine:
            for name in ("gamma", "beta"):
                slopes = picked(self._parameter(f"affine.{name}", self._running.gradients), self._kept)
                self._found.at_point(f"{name}_gradient", step, slopes)
        if step in self._plan.full:
            self._units.enter("second", (self._plan.full.index(step), 1), self._moments("second"))
            self._interventions.after(step)

    def trajectory(self, step: int) -> None:
        """See gamma and beta of the kept units, and the length of all, at every `records.STRIDE`-th update."""
        if self._affine and step % records.STRIDE == 0:
            place, size = (step // records.STRIDE,), (-(-self._plan.steps // records.STRIDE),)
            both = [self._parameter(f"affine.{name}") for name in ("gamma", "beta")]
            for name, values in zip(("gamma", "beta"), both, strict=True):
                self._found.put(f"{name}_trajectory", place, size, picked(values, self._kept))
            squares = torch.where(self._own, torch.cat(both, dim=-1) ** 2, 0.0)
            norms = torch.cat([squares[part].sum(dim=-1).sqrt() for part in self._running.parts])
            self._found.put("affine_norm", place, size, norms)

    def finish(self) -> None:
        """See the stack after its last update: accuracy on the test set in every mode."""
        for number, used in enumerate([None, *(self._modes.used() if self._modes else [self._running.buffers] * 2)]):
            loss, accuracy = self._running.score(self._fixed["test"], used)
            self._found.put("test_loss", (number,), (3,), loss)
            self._found.put("test_accuracy", (number,), (3,), accuracy)
        self._found.arrays["final_subset_accuracy"] = self._running.score(self._fixed["subset"])[1]
        if self._cells[0].model.kind == "linear" and self._modes:
            self._found.arrays["regression"] = excesses(self._running, self._cells, self._samples, self._eps)

    def _parameter(self, name: str, state: State | None = None) -> Tensor:
        """Return gamma or beta, or a state's entries of these names, of all layers: (cell, layer, unit)."""
        state = self._running.parameters if state is None else state
        return side_by_side([state[full] for full in self._names[name]])

    def _moments(self, name: str) -> Tensor:
        """Return moments (cell, layer, site, 2, unit) on a fixed set."""
        return self._running.see(self._fixed[name], self._kept).moments

    def _state(self, step: int, state: int) -> None:
        """See gamma, beta, the first probe, and the batches of this step and the next."""
        point = self._plan.points.index(step)
        if self._affine:
            for name in ("gamma", "beta"):
                self._units.enter(name, (point, state), self._parameter(f"affine.{name}"))
        seen = self._running.see(self._fixed["probe"], self._kept)
        self._units.enter("probe", (point, state), seen.moments)
        if state == 0:
            self._units.enter("y", (point,), seen.y)
        elif step in self._plan.full:
            self._units.enter("y_after", (self._plan.full.index(step),), seen.y)
        for name, samples in zip(self._sketches, (seen.u, seen.y), strict=False):
            if state == 0:
                self._found.at_point(name, step, moments.order_statistics(samples, self._levels))
            elif step in self._plan.full:
                self._found.at_full(f"{name}_after", step, moments.order_statistics(samples, self._levels))
        steps = [(step + number) % self._samples.steps for number in (0, 1)]
        u = self._running.see_batches(steps, only_u=True)[:, :, :, 0].movedim(1, 2)
        corners = picked(u, self._kept).movedim(1, 2).transpose(-1, -2)
        self._found.put("corners", (point, state), (len(self._plan.points), 2), corners)

    def _noise(self, step: int) -> Tensor:
        """Return the noise between batches (cell, layer, site, 3)."""
        steps = [(step + 1 + number) % self._samples.steps for number in range(BATCHES)]
        seen = self._running.see_batches(steps)
        by_part = [moments.noise(seen[part].transpose(0, 1), self._y_from_u) for part in self._running.parts]
        return torch.cat(by_part)
