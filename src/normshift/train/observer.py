"""Fills a stack's records while it trains: what is seen at the points of the plan, in the arrays of `records.CELL`.

Everything here reads copies of the stack's state; nothing it does can change training.
"""

from functools import partial

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import vmap

from normshift import records, seeds
from normshift.networks.layer import Sites
from normshift.observe import identity, moments
from normshift.observe.forward import State, evaluating, forward, population
from normshift.observe.plan import Plan
from normshift.params import Cell
from normshift.train.motion import layer_names
from normshift.train.samples import Samples

# Batches behind the noise between batches (measurement, 1.8: at least 30).
BATCHES = 30


def kept_units(root: int, layers: int, width: int) -> np.ndarray:
    """Return the units kept of each layer, the same for every cell of that shape: (layer, unit)."""
    count = min(records.KEPT, width)
    draws = [seeds.generator(root, "kept", layer, width).permutation(width)[:count] for layer in range(layers)]
    return np.sort(np.stack(draws)).astype(np.int32)


class Observer:
    """Looks at a stack before and after the updates that the plan names."""

    def __init__(self, network: nn.Module, cells: list[Cell], samples: Samples, plan: Plan):
        self.plan, self.samples, self.cells = plan, samples, cells
        self.affine = network.hidden[0].normaliser.affine_follows
        self.by_batch = cells[0].norm.kind == "batch"
        self.per_unit = cells[0].norm.kind in ("batch", "none")
        self.eps = float(getattr(network.hidden[0].normaliser, "eps", np.nan))
        width = cells[0].model.width
        kept = kept_units(cells[0].root, cells[0].model.depth, width)
        self.plan_arrays = {
            "points": np.array(plan.points, np.int32),
            "full": np.array([plan.points.index(step) for step in plan.full], np.int32),
            "epoch": np.array(plan.epoch, np.int32),
            "kept": kept,
            "eps": np.array(self.eps),
        }
        self._kept = torch.from_numpy(kept).long().to(samples.device)
        self._levels = torch.from_numpy(records.LEVELS).to(samples.device)
        self._look = vmap(partial(forward, network))
        self._evaluate = vmap(partial(forward, evaluating(network)))
        self._probe, self._second = samples.fixed("probe"), samples.fixed("second")
        self._subset, self._test = samples.fixed("subset"), samples.fixed("test")
        self._references: dict[int, list[Tensor]] = {}
        self.arrays: dict[str, np.ndarray] = {}

    # --- what is written -------------------------------------------------------------------------------------------

    def put(self, name: str, place: tuple[int, ...], size: tuple[int, ...], values: Tensor) -> None:
        """Write values (cell, ...) at a place of an array whose leading axes after `cell` have these sizes."""
        array = values.detach().to("cpu", torch.float32).numpy()
        if name not in self.arrays:
            self.arrays[name] = np.full((array.shape[0], *size, *array.shape[1:]), np.nan, np.float32)
        self.arrays[name][(slice(None), *place)] = array

    def _at(self, name: str, point: int, values: Tensor, state: int | None = None) -> None:
        place = (point,) if state is None else (point, state)
        size = (len(self.plan.points),) if state is None else (len(self.plan.points), 2)
        self.put(name, place, size, values)

    def _at_full(self, name: str, step: int, values: Tensor) -> None:
        self.put(name, (self.plan.full.index(step),), (len(self.plan.full),), values)

    # --- what is seen ----------------------------------------------------------------------------------------------

    def _keep(self, per_unit: list[Tensor]) -> Tensor:
        """Pick the kept units of each layer: list over layers of (cell, ..., unit) -> (cell, layer, ..., kept)."""
        pairs = zip(per_unit, self._kept, strict=True)
        return torch.stack([values.index_select(-1, units) for values, units in pairs], dim=1)

    def _moments(self, parameters: State, buffers: State, inputs: Tensor) -> tuple[list[Tensor], list[Sites]]:
        _, sites = self._look(parameters, buffers, inputs)
        return [moments.site_moments(site) for site in sites], sites

    def _parameter(self, state: State, parameter: str) -> list[Tensor]:
        return [state[name] for name in layer_names(state, parameter)]

    def _least(self, parameters: State) -> list[Tensor | None]:
        if not self.affine:
            return [None] * self.cells[0].model.depth
        return [moments.floor(gamma) for gamma in self._parameter(parameters, "affine.gamma")]

    def _shift(self, before: list[Tensor], after: list[Tensor], parameters: State) -> Tensor:
        triples = zip(before, after, self._least(parameters), strict=True)
        return torch.stack([moments.shift(old, new, least) for old, new, least in triples], dim=1)

    def _quantiles(self, suffix: str, sites: list[Sites], write) -> None:
        names = {"quantiles": "u"} if self.per_unit else {"quantiles": "u", "y_quantiles": "y"}
        for name, site in names.items():
            picked = [
                getattr(layer, site).index_select(-1, kept) for layer, kept in zip(sites, self._kept, strict=True)
            ]
            sketch = [moments.order_statistics(sample, self._levels) for sample in picked]
            write(name + suffix, torch.stack(sketch, dim=1))

    def before(self, step: int, parameters: State, buffers: State) -> None:
        """See the stack before the update of a step."""
        if step not in self.plan.points:
            return
        point = self.plan.points.index(step)
        seen, sites = self._moments(parameters, buffers, self._probe[0])
        self._before = seen, parameters
        self._state(point, 0, seen, parameters)
        self._quantiles("", sites, lambda name, values: self._at(name, point, values))
        self._later_shifts(step, point, seen, parameters)
        self._corners(step, point, 0, parameters, buffers)
        loss, accuracy = self._score(self._look, parameters, buffers, self._subset)
        self._at("subset_loss", point, loss)
        self._at("subset_accuracy", point, accuracy)
        weights = self._parameter(parameters, "linear.weight")
        norms = [torch.linalg.vector_norm(weight.flatten(1), dim=1) for weight in weights]
        self._at("weight_norm", point, torch.stack(norms, dim=1))
        if self.by_batch:
            self._at("identity", point, self._batch_identity(seen, parameters))
        if step in self.plan.full:
            self._second_before = self._moments(parameters, buffers, self._second[0])[0]
            self._at_full("noise", step, self._noise(step, parameters, buffers))
            if self.by_batch:
                self._modes(step, parameters, buffers)

    def after(self, step: int, parameters: State, buffers: State, gradients: State) -> None:
        """See the stack after the update of a step."""
        if step not in self.plan.points:
            return
        point = self.plan.points.index(step)
        seen, sites = self._moments(parameters, buffers, self._probe[0])
        before, old = self._before
        self._state(point, 1, seen, parameters)
        horizons = (len(self.plan.points), 3)
        self.put("shift", (point, 0), horizons, self._shift(before, seen, old))
        self._corners(step, point, 1, parameters, buffers)
        if self.affine:
            for name in ("gamma", "beta"):
                self._at(f"{name}_gradient", point, self._keep(self._parameter(gradients, f"affine.{name}")))
        if step in self.plan.full:
            self._quantiles("_after", sites, lambda name, values: self._at_full(name, step, values))
            second = self._moments(parameters, buffers, self._second[0])[0]
            self._at_full("shift_second", step, self._shift(self._second_before, second, old))

    def _state(self, point: int, state: int, seen: list[Tensor], parameters: State) -> None:
        u = [layer[:, 0] for layer in seen]
        self._at("moments", point, self._keep(u).transpose(-1, -2), state)
        if self.affine:
            for name in ("gamma", "beta"):
                self._at(name, point, self._keep(self._parameter(parameters, f"affine.{name}")), state)

    def _later_shifts(self, step: int, point: int, seen: list[Tensor], parameters: State) -> None:
        size = (len(self.plan.points), 3)
        if step in self.plan.full or step == 0:
            self._references[step] = seen
        if (reference := self.plan.reference(step)) is not None:
            self.put("shift", (point, 1), size, self._shift(self._references[reference], seen, parameters))
        self.put("shift", (point, 2), size, self._shift(self._references[0], seen, parameters))

    def _corners(self, step: int, point: int, state: int, parameters: State, buffers: State) -> None:
        for number in (0, 1):
            inputs, _ = self.samples.batch((step + number) % self.samples.steps)
            _, sites = self._look(parameters, buffers, inputs)
            picked = [layer.u.index_select(-1, kept) for layer, kept in zip(sites, self._kept, strict=True)]
            values = torch.stack([moments.moments(u) for u in picked], dim=1).transpose(-1, -2)
            self.put("corners", (point, state, number), (len(self.plan.points), 2, 2), values)

    def _noise(self, step: int, parameters: State, buffers: State) -> Tensor:
        steps = [(step + 1 + number) % self.samples.steps for number in range(BATCHES)]
        each = [self._moments(parameters, buffers, self.samples.batch(other)[0])[0] for other in steps]
        return torch.stack([moments.noise(torch.stack(layers)) for layers in zip(*each, strict=True)], dim=1)

    def _batch_identity(self, seen: list[Tensor], parameters: State) -> Tensor:
        rows = []
        pairs = zip(
            self._parameter(parameters, "affine.gamma"), self._parameter(parameters, "affine.beta"), strict=True
        )
        for layer, (gamma, beta) in zip(seen, pairs, strict=True):
            mean, sd = layer[:, 0].unbind(-2)
            expected = identity.predicted(layer[:, 0], gamma, beta, mean, sd**2, self.eps)
            rows.append(identity.residual(layer[:, 2], expected, gamma, beta))
        return torch.stack(rows, dim=1)

    def _modes(self, step: int, parameters: State, buffers: State) -> None:
        exact = self._population(parameters, buffers)
        for number, used in enumerate((buffers, exact)):
            _, sites = self._evaluate(parameters, used, self._probe[0])
            residuals, gaps = [], []
            for layer, site in enumerate(sites):
                gamma, beta = (parameters[f"hidden.{layer}.affine.{name}"] for name in ("gamma", "beta"))
                mean, variance = (used[f"hidden.{layer}.normaliser.running_{name}"] for name in ("mean", "var"))
                u, y = moments.moments(site.u), moments.moments(site.y)
                expected = identity.predicted(u, gamma, beta, mean, variance, self.eps)
                residuals.append(identity.residual(y, expected, gamma, beta))
                gaps.append(identity.discrepancy(u, mean, variance))
            place, size = (self.plan.full.index(step), number), (len(self.plan.full), 2)
            self.put("mode_identity", place, size, torch.stack(residuals, dim=1))
            self.put("tid", place, size, torch.stack(gaps, dim=1))

    def _population(self, parameters: State, buffers: State) -> State:
        return population(buffers, self._look(parameters, buffers, self.samples.training())[1])

    def _score(self, look, parameters: State, buffers: State, part: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        logits, _ = look(parameters, buffers, part[0])
        loss = nn.functional.cross_entropy(logits.transpose(1, 2), part[1], reduction="none").mean(1)
        return loss, (logits.argmax(-1) == part[1]).to(loss.dtype).mean(1)

    def trajectory(self, step: int, parameters: State) -> None:
        """Keep gamma and beta of the kept units at every `records.STRIDE`-th update."""
        if self.affine and step % records.STRIDE == 0:
            size = (-(-self.plan.steps // records.STRIDE),)
            for name in ("gamma", "beta"):
                values = self._keep(self._parameter(parameters, f"affine.{name}"))
                self.put(f"{name}_trajectory", (step // records.STRIDE,), size, values)

    def finish(self, parameters: State, buffers: State) -> None:
        """See the stack after its last update: accuracy on the test set in every mode."""
        looks = [(self._look, buffers)] * 3
        if self.by_batch:
            looks = [looks[0], (self._evaluate, buffers), (self._evaluate, self._population(parameters, buffers))]
        for number, (look, used) in enumerate(looks):
            loss, accuracy = self._score(look, parameters, used, self._test)
            self.put("test_loss", (number,), (3,), loss)
            self.put("test_accuracy", (number,), (3,), accuracy)
        self.put("final_subset_accuracy", (), (), self._score(self._look, parameters, buffers, self._subset)[1])
