"""What programs share that make one update at a time, and the meaning of a program's methods."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from normshift import networks
from normshift.networks.layer import Sites
from normshift.observe.forward import State, population
from normshift.observe.moments import moments, pooled, site_moments
from normshift.observe.ragged import one_each, side_by_side
from normshift.params import Cell
from normshift.train import stacks
from normshift.train.disturbance import buffers
from normshift.train.losses import LOSSES
from normshift.train.motion import Motion
from normshift.train.programs.curves import Curves
from normshift.train.samples import Fixed, Samples

PART = 500  # samples seen at once where each has many positions


class Seen(NamedTuple):
    """What a forward pass shows."""

    moments: Tensor  # (cell, layer, site, 2, unit); at site u only, where no more is asked for
    u: Tensor  # (cell, layer, sample, kept unit)
    y: Tensor


def column(values: Tensor, like: Tensor) -> Tensor:
    """Return per-cell values shaped to multiply a stacked tensor."""
    return values.reshape(-1, *[1] * (like.dim() - 1))


class Stepwise(ABC):
    """A program whose updates are steps in Python."""

    def __init__(
        self,
        network: nn.Module,
        cells: list[Cell],
        parameters: State,
        buffers: State,
        samples: Samples,
        motion: Motion | None,
    ):
        self.parameters, self.buffers, self.samples, self.motion = parameters, buffers, samples, motion
        self.gradients: State = {}
        self.curves = Curves(len(cells), samples.steps, samples.dtype, samples.device)
        self._loss = LOSSES[cells[0].model.loss]
        self._sizes = networks.sizes(cells[0].model, samples.shuffled.shape)
        self._rates = stacks.rates(cells, samples.dtype, samples.device)
        self._next = 0

    @property
    def parts(self) -> list[slice]:
        """The cells whose numbers may be reduced together: all."""
        return [slice(0, len(self.curves.ended))]

    def advance(self, begin: int, end: int) -> None:
        """Train from step ``begin`` to before ``end``."""
        for step in range(begin, end):
            inputs, labels = self.samples.batch(step)
            rates = {name: self._rates[:, step, stacks.rate_of(name)] for name in self.parameters}
            before = self.parameters
            self.gradients = self._update(step, inputs, labels, rates, self._disturbing(step))
            if self.motion:
                self.motion.add(step, {name: value - self.parameters[name] for name, value in before.items()})
        self._next = end

    def _disturbing(self, step: int) -> State:
        """Return the buffers that disturb a step's batch."""
        return buffers(self.samples.disturbance.of_batches([step]))

    @abstractmethod
    def _update(self, step: int, inputs: Tensor, labels: Tensor, rates: State, disturbing: State) -> State:
        """Update every cell that is alive by its own rates, enter the step in ``curves``; return the gradients."""

    @abstractmethod
    def _look(
        self, inputs: Tensor, averages: State | None, parameters: State, disturbing: State
    ) -> tuple[Tensor, list[Sites]]:
        """Run all cells forward on inputs (cell, sample, input): logits (cell, sample, class), sites per layer."""

    @abstractmethod
    def _slope(self, inputs: Tensor, labels: Tensor, parameters: State, disturbing: State) -> tuple[Tensor, State]:
        """Return loss (cell) and gradient in batch mode."""

    def _look_at(
        self, fixed: Fixed, averages: State | None, parameters: State | None, calm: bool = False
    ) -> tuple[Tensor, list[Sites]]:
        """Look at a fixed set: in batch mode disturbed as the next step is, unless ``calm``."""
        disturbing = {}
        if averages is None and not calm:
            disturbing = buffers(self.samples.disturbance.of_set(fixed.name, fixed.inputs.shape[1], self._next))
        return self._look(fixed.inputs[fixed.row_of], averages, parameters or self.parameters, disturbing)

    def see(
        self,
        fixed: Fixed,
        kept: Tensor,
        averages: State | None = None,
        only_u: bool = False,
        parameters: State | None = None,
        calm: bool = False,
    ) -> Seen:
        """Show a fixed set to all cells; normalised by the set, or by ``averages`` in place of the running averages.

        ``kept`` are the units (layer, unit) of which every sample is returned. With ``calm`` nothing disturbs them.
        """
        _, layers = self._look_at(fixed, averages, parameters, calm)
        found = side_by_side(
            [self._moments(layer, number)[:, : 1 if only_u else 4] for number, layer in enumerate(layers)]
        )
        return Seen(found, *(self._kept(layers, kept, site, fixed.inputs.shape[1]) for site in "uy"))

    def _moments(self, sites: Sites, layer: int) -> Tensor:
        """Return the moments at all sites; of many positions in double precision, as sums of so many rows round."""
        if self._sizes[layer].positions == 1:
            return site_moments(sites)
        return site_moments(Sites(*(site.double() for site in sites))).to(sites.u.dtype)

    def _kept(self, layers: Sequence[Sites], kept: Tensor, site: str, samples: int) -> Tensor:
        """Return the kept units at a site: (cell, layer, sample, kept unit), of one position of each sample."""
        pairs = zip(layers, kept, strict=True)
        return torch.stack([one_each(getattr(one, site)[..., units], samples) for one, units in pairs], dim=1)

    def exact(self, fixed: Fixed) -> Tensor:
        """Return the moments of u over a fixed set in evaluation by themselves: (cell, layer, 2, unit).

        Samples with one position each are seen as one batch (`observe.forward.population`). Else there are too many
        rows for that: layer by layer, those before it normalised by their own moments, part by part of the set.
        """
        if all(size.positions == 1 for size in self._sizes):
            nothing = torch.zeros(len(self._sizes), 0, dtype=torch.long, device=fixed.inputs.device)
            return self.see(fixed, nothing, only_u=True, calm=True).moments[:, :, 0]
        used, found = dict(self.buffers), []
        for layer in range(len(self._sizes)):
            parts = fixed.inputs[fixed.row_of].split(PART, dim=1)
            seen = [(part.shape[1], moments(self._look(part, used, self.parameters, {})[1][layer].u)) for part in parts]
            found.append(pooled(seen))
            used |= population(used, side_by_side(found))
        return side_by_side(found)

    def see_parts(self, fixed: Fixed, places: Tensor, kept: Tensor) -> Tensor:
        """Show parts of a fixed set (part, place), each as a batch: y of the kept units (cell, part, layer, ...)."""
        found = []
        for part in places.long():
            _, layers = self._look(fixed.inputs[fixed.row_of][:, part], None, self.parameters, {})
            found.append(self._kept(layers, kept, "y", len(part)))
        return torch.stack(found, dim=1)

    def see_batches(self, steps: Sequence[int], only_u: bool = False) -> Tensor:
        """Show every cell its own batches of some steps: moments (cell, batch, layer, site, 2, unit)."""
        each = ((self.samples.batch(step)[0], self._disturbing(step)) for step in steps)
        looks = [self._look(inputs, None, self.parameters, disturbing)[1] for inputs, disturbing in each]
        sites = slice(1 if only_u else 4)
        return torch.stack(
            [side_by_side([self._moments(one, number)[:, sites] for number, one in enumerate(look)]) for look in looks],
            1,
        )

    def slope(self, steps: Sequence[int], parameters: State | None = None) -> tuple[Tensor, State]:
        """Return loss, in nats, and gradient of each cell on its own batches of some steps, (cell, batch, ...)."""
        used = parameters or self.parameters
        each = [self._slope(*self.samples.batch(step), used, self._disturbing(step)) for step in steps]
        losses, gradients = zip(*each, strict=True)
        return torch.stack(losses, 1), {name: torch.stack([one[name] for one in gradients], 1) for name in gradients[0]}

    def score(
        self, fixed: Fixed, averages: State | None = None, parameters: State | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return loss, cross-entropy in nats, and accuracy of each cell on a fixed set, (cell) each."""
        logits, _ = self._look_at(fixed, averages, parameters)
        labels = fixed.labels[fixed.row_of]
        loss = self._loss(logits.transpose(1, 2), labels, reduction="none").mean(1)
        return loss, (logits.argmax(-1) == labels).to(loss.dtype).mean(1)
