"""One network trained as people write it: ordinary layers, a loop, `torch.optim`. Also a script, one cell per process.

As a script it reads a pickled (cell, data), trains the cell and ends: what a launcher starts once per configuration.
"""

import pickle
import sys
from pathlib import Path

import torch
from torch import Tensor, nn

from normshift import networks
from normshift.networks import initial
from normshift.params import Cell
from normshift.train.samples import Shuffled


def network(cell: Cell, inputs: int, classes: int) -> nn.Sequential:
    """Return the cell's network, made of PyTorch's own layers."""
    layers: list[nn.Module] = []
    for _ in range(cell.model.depth):
        layers.append(nn.Linear(inputs, cell.model.width))
        if cell.norm.kind == "batch":
            layers.append(nn.BatchNorm1d(cell.model.width))
        layers.append(nn.ReLU())
        inputs = cell.model.width
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


def start(cell: Cell, inputs: int, classes: int) -> dict[str, Tensor]:
    """Return the parameters at step 0 by their names in normshift, in the order of the network's layers."""
    return initial.draw(
        networks.build(cell.model, cell.norm, (inputs,), classes), cell.model.activation, cell.root, cell.seed
    )


def trained(cell: Cell, data: Shuffled) -> nn.Sequential:
    """Train a cell and return its network."""
    places = data.part("train", cell.seed)
    inputs = torch.from_numpy(data.standardised(places, cell.seed))
    labels = torch.from_numpy(data.labels[places])
    stream = torch.from_numpy(data.stream(cell)).long()
    begin = start(cell, inputs.shape[1], data.classes)
    model = network(cell, inputs.shape[1], data.classes)
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), begin.values(), strict=True):
            parameter.copy_(value)
    optimizer = torch.optim.SGD(model.parameters(), lr=cell.lr)
    losses, accuracies = [], []
    for batch in stream.split(cell.batch_size):
        wanted = labels[batch]
        logits = model(inputs[batch])
        loss = nn.functional.cross_entropy(logits, wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
        accuracies.append((logits.argmax(-1) == wanted).float().mean())
    return model


if __name__ == "__main__":
    torch.set_num_threads(1)
    trained(*pickle.loads(Path(sys.argv[1]).read_bytes()))
