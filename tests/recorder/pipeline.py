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
from tests.train.made_up import CLASSES, INPUTS, cell, shuffled

EVERY, FULL, EPOCH = 9, 9, 10  # the pipeline's plan for 30 updates has full points at 0 and 9, too
DATA = shuffled(range(3), steps=30)
NORMALISERS = {"batch": nn.BatchNorm1d, "layer": nn.LayerNorm, "none": None}
RULES_OF_BATCH = Rules(**{**vars(RULES), "noise": 16**-0.5})


def plain(one: Cell) -> nn.Module:
    """Return the network of torch's own modules, at step 0 of the cell."""
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
    samples, model = Samples(DATA, [one], torch.float32, "cpu"), plain(one)
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
    (record,), _ = train([one], DATA, "serial")
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
    return cell(norm, width=12, depth=2, lr=0.2, seed=1)
