"""A cell's network at step 0 and the samples that it reads, for reproductions that train by themselves."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from normshift.params import Cell
from normshift.train import stacks
from normshift.train.samples import Shuffled


def begun(cell: Cell, shuffled: Shuffled, dtype: torch.dtype = torch.float32) -> nn.Module:
    """Return a cell's network with the parameters of step 0, the same as if the stage `train` trained it."""
    network, parameters, _ = stacks.start([cell], shuffled.shape, shuffled.classes, dtype, "cpu")
    network.load_state_dict({name: value[0] for name, value in parameters.items()}, strict=False)
    return stacks.averaging(network, cell.norm.momentum)


def split(name: str, cell: Cell, shuffled: Shuffled, dtype: torch.dtype = torch.float32) -> tuple[Tensor, Tensor]:
    """Return inputs (sample, input) and labels (sample) of a split of a cell's seed: train, test, ..."""
    places = shuffled.part(name, cell.seed)
    inputs = torch.from_numpy(shuffled.standardised(places, cell.seed)).to(dtype)
    return inputs, torch.from_numpy(shuffled.labels[places]).long()


def looks(steps: int, count: int) -> list[int]:
    """Return so many updates of a run, evenly spaced from the first on; all of them, if there are fewer."""
    return sorted({look * steps // count for look in range(count)})


def batches(cell: Cell, shuffled: Shuffled, dtype: torch.dtype = torch.float32) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the mini-batch of every step of a cell: inputs (sample, input), labels (sample)."""
    inputs, labels = split("train", cell, shuffled, dtype)
    for places in torch.from_numpy(shuffled.stream(cell)).long().split(cell.batch_size):
        yield inputs[places], labels[places]
