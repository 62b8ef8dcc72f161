"""A cell of the pipeline, and the same network as a person would write and train it, with a recorder attached."""

import numpy as np
import pandas as pd
import torch
from torch import nn

from normshift import ShiftRecorder, networks
from normshift.measure import BUILDERS
from normshift.measure.group import Group
from normshift.networks import initial
from normshift.params import Cell, Rules
from normshift.train.gather import cells_table
from normshift.train.loop import train
from normshift.train.samples import Samples
from tests.figures.made_up import RULES
from tests.train import pictures
from tests.train.made_up import CLASSES, INPUTS, cell, shuffled

EVERY, FULL, EPOCH = 9, 9, 10  # the pipeline's plan for 30 updates has full points at 0 and 9, too
DATA = {"mlp": shuffled(range(3), steps=30), "lenet": pictures.shuffled()}
NORMALISERS = {"batch": nn.BatchNorm1d, "layer": nn.LayerNorm, "none": None}
RULES_OF_BATCH = Rules(**{**vars(RULES), "noise": 16**-0.5})


def plain(one: Cell) -> nn.Module:
    """Return the network of torch's own modules, at step 0 of the cell."""
    return lenet(one) if one.model.kind == "lenet" else perceptron(one)


def lenet(one: Cell) -> nn.Module:
    """Return LeNet with batch norm; it takes flat images, as the pipeline keeps them."""
    network = networks.build(one.model, one.norm, pictures.SHAPE, CLASSES)
    start = initial.draw(network, one.model.activation, one.root, one.seed)
    linear = [nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5), nn.Linear(16, 120), nn.Linear(120, 84), nn.Linear(84, CLASSES)]
    names = [name.removesuffix(".weight") for name, value in start.items() if name[-6:] == "weight" and value.dim() > 1]
    for module, name in zip(linear, names, strict=True):
        module.load_state_dict({end: start[f"{name}.{end}"] for end in ("weight", "bias")})
    modules: list[nn.Module] = [nn.Unflatten(1, pictures.SHAPE)]
    for module in linear[:2]:
        modules += [module, nn.BatchNorm2d(module.out_channels), nn.Sigmoid(), nn.AvgPool2d(2)]
    modules.append(nn.Flatten())
    for module in linear[2:-1]:
        modules += [module, nn.BatchNorm1d(module.out_features), nn.Sigmoid()]
    return nn.Sequential(*modules, linear[-1])


def perceptron(one: Cell) -> nn.Module:
    """Return a fully connected network with ReLU."""
    start = initial.draw(networks.build(one.model, one.norm, (INPUTS,), CLASSES), "relu", one.root, one.seed)
    modules, inputs = [], INPUTS
    for number in range(one.model.depth):
        linear = nn.Linear(inputs, one.model.width)
        for name in ("weight", "bias"):
            getattr(linear, name).data.copy_(start[f"hidden.{number}.linear.{name}"])
        norm = NORMALISERS[one.norm.name]
        modules += [linear, *([norm(one.model.width)] if norm else []), nn.ReLU()]
        inputs = one.model.width
    output = nn.Linear(inputs, CLASSES)
    for name in ("weight", "bias"):
        getattr(output, name).data.copy_(start[f"output.{name}"])
    return nn.Sequential(*modules, output)


def recorded(one: Cell) -> ShiftRecorder:
    """Train the plain network as the cell is trained, and return its recorder."""
    samples, model = Samples(DATA[one.model.kind], [one], torch.float32, "cpu"), plain(one)
    several = [samples.batch(step % one.steps)[0][0] for step in range(30)]  # whole epochs: every sample thrice
    probe = samples.fixed("probe").inputs[0]
    recorder = ShiftRecorder(model, probe, several, every=EVERY, full=FULL, epoch=EPOCH)
    optimizer = torch.optim.SGD(model.parameters(), lr=one.lr)
    for step in range(one.steps):
        inputs, labels = (value[0] for value in samples.batch(step))
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(inputs), labels)
        loss.backward()
        optimizer.step()
        recorder.step(loss)
    return recorder


def measured(one: Cell) -> dict[str, pd.DataFrame]:
    """Return the pipeline's tables of the cell."""
    (record,), _ = train([one], DATA[one.model.kind], "serial")
    group = Group({**{name: value[None] for name, value in record.items()}, **_plan(record)}, _cells(one))
    names = ("shifts", "noise", "identities", "bands", "losses", "discrepancies")
    return {name: BUILDERS[name](group, RULES_OF_BATCH) for name in names}


def _plan(record: dict) -> dict:
    shared = {name: record[name] for name in ("points", "full", "epoch", "kept", "eps")}
    return {**shared, "cell": np.zeros(1, np.int32)}


def _cells(one: Cell) -> pd.DataFrame:
    from normshift.grid import Planned

    return cells_table([Planned(one, "judged")], ["digest"]).assign(shown=True, arm=[one.norm], order_kind="reshuffle")


def the(norm: str) -> Cell:
    """Return the cell of an arm, or of LeNet."""
    if norm == "lenet":
        return pictures.cell("lenet", lr=0.5, seed=1)
    return cell(norm, width=12, depth=2, lr=0.2, seed=1)
