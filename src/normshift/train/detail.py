"""What is seen of the few cells watched in detail: whole layers, curvature, noise of examples and of gradients."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.func import functional_call

from normshift import networks, seeds
from normshift.observe import curvature, moments
from normshift.observe.example_noise import example_noise, partitions
from normshift.observe.forward import State
from normshift.observe.plan import Plan
from normshift.params import Cell
from normshift.records import WHOLE
from normshift.train import arms, stacks
from normshift.train.found import Found
from normshift.train.interventions import gradient_noise
from normshift.train.losses import LOSSES
from normshift.train.motion import PARAMETERS, layer_names
from normshift.train.samples import Samples
from normshift.train.units import picked

# Batches behind the noise of gradients and the batch sharpness.
BATCHES = 10
LANCZOS = 24


def eighths(plan: Plan) -> tuple[int, ...]:
    """Return the points at which whole layers are kept: the full ones, and an epoch after each."""
    return tuple(sorted({step for full in plan.full for step in (full, full + plan.epoch) if step in plan.points}))


class Detail:
    """Looks at a stack at the full points."""

    def __init__(
        self, running, network: nn.Module, cells: list[Cell], samples: Samples, plan: Plan, kept: Tensor, found: Found
    ):
        self._running, self._network, self._cells, self._samples, self._plan = running, network, cells, samples, plan
        self._kept, self._found, self._eighths = kept, found, eighths(plan)
        self._rates = stacks.rates(cells, samples.dtype, samples.device)
        self._names = [layer_names(running.parameters, parameter) for parameter in PARAMETERS]
        self._probe, self._subset = samples.fixed("probe"), samples.fixed("subset")
        self._places = partitions(samples.root, self._probe.inputs.shape[1], samples.batch_size)

    def before(self, step: int) -> None:
        """See the stack before the update of a step."""
        if step in self._eighths:
            place, size = (self._eighths.index(step),), (len(self._eighths),)
            self._found.put("activations", place, size, self._activations())
        if step in self._plan.full:
            self._found.at_full("example_noise", step, self._example_noise())
            batches = [(step + 1 + number) % self._samples.steps for number in range(BATCHES)]
            self._found.at_full("gradient_noise", step, gradient_noise(self._running, batches, self._names))
            largest, along = self._sharpness(step, batches).unbind(1)
            self._found.at_full("sharpness", step, largest)
            self._found.at_full("batch_sharpness", step, along)

    def _activations(self) -> Tensor:
        """Return the last layer at y on the first samples of the probe: (cell, sample, unit), half precision."""
        widths = networks.widths(self._cells[0].model, self._samples.shuffled.shape)
        everything = torch.stack([torch.arange(widths[-1]) % width for width in widths]).to(self._samples.device)
        return self._running.see(self._probe, everything).y[:, -1, :WHOLE].half()

    def _example_noise(self) -> Tensor:
        """Return the sd of an example's y over the batches it may be in, in sigma, median over kept units.

        (cell, layer); NaN where the probe is smaller than two batches of two. sigma^2 is the mean over the batches.
        0 where no statistics of the batch are used: what is seen there is rounding, as rows of a product may be added
        in another order. Injected noise is left out, and a unit whose u is constant.
        """
        if not len(self._places):
            return torch.full((len(self._running.curves.ended), len(self._kept)), torch.nan)
        y = self._running.see_parts(self._probe, torch.from_numpy(self._places), self._kept)
        u = self._running.see(self._probe, self._kept[:, :0], only_u=True).moments[:, :, 0]
        y = torch.where(picked(moments.constant(u), self._kept)[:, None, :, None], torch.nan, y)
        noise = torch.cat([example_noise(y[part], self._places) for part in self._running.parts])
        by_batch = self._network.hidden[0].normaliser.by_batch
        return noise if by_batch else torch.where(noise.isfinite(), 0.0, noise)

    def _sharpness(self, step: int, steps: Sequence[int]) -> Tensor:
        """Return the largest eigenvalue of the Hessian on the subset, and the batch sharpness: (cell, 2)."""
        batches, subset = [self._samples.batch(one) for one in steps], self._subset
        stays, found = arms.staying(self._cells, self._network, step), []
        for number, cell in enumerate(self._cells):
            own = {name: entries[number] for name, entries in stays.items()}
            at = _Point(self._network, cell.model.loss, self._running, number, self._rates[number, step], own)
            row = subset.row_of[number]
            start = seeds.generator(self._samples.root, "lanczos").standard_normal(len(at.vector), dtype="float32")
            _, product = curvature.hessian_product(at.loss(subset.inputs[row], subset.labels[row]), at.vector)
            largest = curvature.largest_eigenvalue(product, torch.from_numpy(start).to(at.vector), LANCZOS)
            each = [
                curvature.along(*curvature.hessian_product(at.loss(inputs[number], labels[number]), at.vector))
                for inputs, labels in batches
            ]
            found.append(torch.stack([largest, torch.stack(each).mean()]))
        return torch.stack(found)


class _Point:
    """The parameters that one cell learns, as a vector, and its training loss as a function of them."""

    def __init__(self, network: nn.Module, loss: str, running, number: int, rates: Tensor, stays: State):
        self._network, self._loss = network, LOSSES[loss]
        own = {name: value[number].detach() for name, value in running.parameters.items()}
        self._buffers = {name: value[number] for name, value in running.buffers.items()}
        self._learnt = [name for name in own if rates[stacks.rate_of(name)] > 0]
        self._held = {name: value for name, value in own.items() if name not in self._learnt}
        self._shapes = [own[name].shape for name in self._learnt]
        self.vector = torch.cat([own[name].flatten() for name in self._learnt])
        still = [stays.get(name, torch.zeros(own[name].shape, dtype=torch.bool)).flatten() for name in self._learnt]
        self._still = torch.cat(still).to(self.vector.device)

    def loss(self, inputs: Tensor, labels: Tensor):
        """Return the loss on a batch, batch mode, as a function of the vector."""

        def of(vector: Tensor) -> Tensor:
            moving = torch.where(self._still, vector.detach(), vector)
            pieces = moving.split([shape.numel() for shape in self._shapes])
            moved = zip(self._learnt, pieces, self._shapes, strict=True)
            parameters = {name: piece.reshape(shape) for name, piece, shape in moved} | self._held
            untouched = {name: value.clone() for name, value in self._buffers.items()}
            logits, _ = functional_call(self._network, (parameters, untouched), (inputs,))
            return self._loss(logits, labels)

        return of
