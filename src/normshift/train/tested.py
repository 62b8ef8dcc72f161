"""What a tested cell shows of the test set while it trains: accuracy, and where all units of the last layer lie."""

import torch
from torch import Tensor

from normshift import networks
from normshift.observe.moments import order_statistics
from normshift.params import Cell
from normshift.records import BAND, stops
from normshift.train.found import Found
from normshift.train.samples import Samples


class Tested:
    """Looks at a stack before the updates of `plan.stops`."""

    def __init__(self, running, cell: Cell, samples: Samples, found: Found):
        self._running, self._found, self._stops = running, found, stops(samples.steps)
        self._test = samples.fixed("test")
        widths = networks.widths(cell.model, samples.shuffled.shape)
        self._last = torch.stack([torch.arange(widths[-1]) % width for width in widths]).to(samples.device)
        self._levels = torch.tensor(BAND, device=samples.device)

    def before(self, step: int) -> None:
        """See the test set in batch mode, and by running averages."""
        if step not in self._stops:
            return
        place, size = (self._stops.index(step),), (len(self._stops),)
        accuracies = [self._running.score(self._test, used)[1] for used in (None, self._running.buffers)]
        self._found.put("test_trace", place, size, torch.stack(accuracies, dim=1))
        self._found.put("test_band", place, size, order_statistics(self._seen(), self._levels))

    def _seen(self) -> Tensor:
        """Return the last layer at y, batch mode: (cell, sample, unit)."""
        return self._running.see(self._test, self._last).y[:, -1]
