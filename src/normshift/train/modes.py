"""Looks at a batch-normalised stack in evaluation: by its running averages, and by exact statistics."""

import torch
from torch import Tensor

from normshift.observe import identity, moments
from normshift.observe.forward import State, averages, population
from normshift.observe.plan import Plan
from normshift.train.found import Found
from normshift.train.samples import Samples
from normshift.train.units import Units


class Modes:
    """What replaces the batch's statistics, and what that does to the first probe."""

    def __init__(self, running, samples: Samples, plan: Plan, kept: Tensor, units: Units, found: Found):
        self._running, self._plan, self._units, self._found = running, plan, units, found
        self._probe, self._train = samples.fixed("probe"), samples.fixed("train")
        # No sample of any unit is asked for, and of every layer.
        self._nothing, self._layers = kept[:, :0], len(kept)

    def used(self) -> tuple[State, State]:
        """Return the buffers that normalise: running averages, exact statistics over the training set's samples."""
        return self._running.buffers, population(self._running.buffers, self._running.exact(self._train))

    def at_full(self, full: int) -> None:
        """See the probe in both modes."""
        for number, used in enumerate(self.used()):
            seen = self._running.see(self._probe, self._nothing, used).moments
            self._units.enter("modes", (full, number), seen)
            self._units.enter("averages", (full, number), averages(used, self._layers))

    def at_quarter(self, step: int) -> None:
        """See by how much running averages miss the probe's own moments, at each quarter of an epoch."""
        for place, quarter in enumerate(self._plan.quarters):
            if quarter == step:
                seen = self._running.see(self._probe, self._nothing, only_u=True).moments
                u = moments.known(seen, y_from_u=False)[:, :, 0]
                used = averages(self._running.buffers, self._layers).unbind(-2)
                missed = [identity.discrepancy(u[part], *(one[part] for one in used)) for part in self._running.parts]
                self._found.put("epoch_tid", (place,), (len(self._plan.quarters),), torch.cat(missed))
