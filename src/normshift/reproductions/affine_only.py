"""Frankle, Schwab & Morcos 2021: gamma and beta learn, and all weights stay as they were drawn."""

import pandas as pd
import torch
from torch import nn

from normshift import seeds
from normshift.params import Cell
from normshift.reproductions.cells import batches, begun, split
from normshift.reproductions.lines import by_seed, medians
from normshift.reproductions.run import Found, Run
from normshift.results import Line
from normshift.train.losses import LOSSES
from normshift.train.programs.serial import OPTIMIZERS
from normshift.train.samples import Shuffled

# What learns: parameters with this in their names.
WAYS = {"everything": "", "gamma and beta": ".affine.", "output layer": "output."}
OFF = 0.01  # a unit with a smaller |gamma| counts as disabled
ABOVE_CHANCE = 20.0  # points of accuracy
MORE = 0.01  # than 0, which as a limit would pass itself; accuracies of 200 samples differ by .5
ACCURACY = "test accuracy, points"
OTHERS = "for other networks"


def found(run: Run) -> Found:
    """Return the lines of T11, and accuracies by depth and width."""
    rows = [outcome(cell, run.shuffled, way) for cell in run.cells for way in WAYS]
    table = pd.DataFrame(rows)
    wide = table.pivot(index=["seed", "depth", "width"], columns="way", values="accuracy").reset_index()
    wide["above"] = wide["gamma and beta"] - 100 / run.shuffled.classes
    wide["lost"] = wide["everything"] - wide["gamma and beta"]
    above, lost = (f"{ACCURACY}, only gamma and beta learning, {what}" for what in ("above chance", "below everything"))
    lines = [
        Line("T11", above, "far above", by_seed(wide, "above"), ABOVE_CHANCE),
        Line("T11", lost, "above 0", by_seed(wide, "lost"), MORE),
        *_accuracies(wide),
        *_shares(table),
    ]
    return lines, {"accuracies": medians(table.drop(columns="seed"), ["way", "depth", "width"])}


def outcome(cell: Cell, shuffled: Shuffled, way: str) -> dict[str, float | int | str]:
    """Return test accuracy, points, and share of units with ``|gamma| < OFF`` once one thing has learnt."""
    network = spread(begun(cell, shuffled), cell)
    train(network, cell, shuffled, way)
    inputs, labels = split("test", cell, shuffled)
    with torch.no_grad():
        hits = (network.eval()(inputs)[0].argmax(-1) == labels).double().mean().item()
    gammas = torch.cat([layer.affine.gamma.detach() for layer in network.hidden])
    return {
        "way": way,
        "depth": cell.model.depth,
        "width": cell.model.width,
        "seed": cell.seed,
        "accuracy": 100 * hits,
        "off": (gammas.abs() < OFF).float().mean().item(),
    }


def spread(network: nn.Module, cell: Cell) -> nn.Module:
    """Return a network, itself, with every gamma drawn from U(0, 1), as the paper begins on CIFAR-10."""
    for name, value in network.named_parameters():
        if name.endswith("affine.gamma"):
            drawn = seeds.generator(cell.root, "gamma", cell.seed, name).random(value.shape, dtype="float32")
            value.data.copy_(torch.from_numpy(drawn))
    return network


def train(network: nn.Module, cell: Cell, shuffled: Shuffled, way: str) -> None:
    """Train what learns of a network, in place; everything else stays as it is."""
    for name, value in network.named_parameters():
        value.requires_grad_(WAYS[way] in name)
    learnt = [value for value in network.parameters() if value.requires_grad]
    optimizer = OPTIMIZERS[cell.optimizer.kind](learnt, lr=cell.lr)
    for inputs, labels in batches(cell, shuffled):
        outputs, _ = network(inputs)
        optimizer.zero_grad()
        LOSSES[cell.model.loss](outputs, labels).backward()
        optimizer.step()


def _accuracies(wide: pd.DataFrame) -> list[Line]:
    return [
        Line("T11", f"{ACCURACY}, {way} learning, depth {depth}, width {width}", OTHERS, by_seed(own, way))
        for (depth, width), own in wide.groupby(["depth", "width"])
        for way in WAYS
    ]


def _shares(table: pd.DataFrame) -> list[Line]:
    return [
        Line("T11", f"share of units with |gamma| < {OFF}, {way} learning", published, by_seed(own, "off"))
        for way, published in {"gamma and beta": "about a third", "everything": "fewer"}.items()
        for own in [table.query("way == @way")]
    ]
