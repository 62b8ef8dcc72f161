"""A plain training loop that shows what passes through a network while it trains."""

import torch
from torch import Tensor, nn
from torch.func import functional_call

from normshift.networks.layer import Sites
from normshift.params import Cell
from normshift.reproductions.cells import begun
from normshift.train.disturbance import buffers
from normshift.train.losses import LOSSES
from normshift.train.programs.serial import OPTIMIZERS
from normshift.train.samples import Samples, Shuffled


class Loop:
    """One cell's network, its optimiser and its batches; noise is injected as its arm says."""

    def __init__(self, cell: Cell, shuffled: Shuffled):
        self.network = begun(cell, shuffled)
        self._samples = Samples(shuffled, [cell], torch.float32, "cpu")
        self._optimizer = OPTIMIZERS[cell.optimizer.kind](self.network.parameters(), lr=cell.lr)
        self._loss = LOSSES[cell.model.loss]

    def update(self, step: int) -> list[Sites]:
        """Make the update of a step; return the sites of its forward pass."""
        inputs, labels = self._samples.batch(step)
        logits, sites = functional_call(self.network, self._disturbing(step), (inputs[0],))
        self._optimizer.zero_grad()
        self._loss(logits, labels[0]).backward()
        self._optimizer.step()
        self._samples.forget(step)
        return sites

    def look(self, step: int) -> list[Sites]:
        """Return the sites of a step's batch as the network is now; nothing of it changes."""
        own = {name: value.clone() for name, value in self.network.named_buffers()}
        with torch.no_grad():
            inputs = self._samples.batch(step)[0][0]
            return functional_call(self.network, {**own, **self._disturbing(step)}, (inputs,))[1]

    def _disturbing(self, step: int) -> dict[str, Tensor]:
        done = self._samples.disturbance.of_batches([step])
        return {name: value[0] for name, value in buffers(done).items()}


def accuracy(network: nn.Module, inputs: Tensor, labels: Tensor) -> float:
    """Return the accuracy by running averages on samples (sample, input); the network stays as it is.

    A network that diverged answers the first class, so that it counts as one that guesses: what noise destroys is lost,
    not missing.
    """
    training = network.training
    with torch.no_grad():
        network.eval()
        hits = [
            (network(part)[0].argmax(-1) == own) for part, own in zip(inputs.split(500), labels.split(500), strict=True)
        ]
    network.train(training)
    return float(torch.cat(hits).float().mean())
