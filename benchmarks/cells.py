"""The cells that every way trains: the reference network and its wider and narrower kin, on handwritten digits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import numpy as np

from normshift.fetch.readers import digits
from normshift.params import Cell, Data, Model, Norm, Optimizer, Order, Schedule
from normshift.seeds import generator
from normshift.shuffle.orders import REGISTRY as ORDERS
from normshift.shuffle.scaling import extremes, scaling
from normshift.shuffle.splits import split
from normshift.train.samples import Shuffled

DATA = Data("digits", "digits", train=1197, heldout=200)
NORMS = {"batch": Norm("batch", "batch", True, True), "none": Norm("none", "none", False, False)}
WIDTHS = (32, 100, 300)
WIDTH, DEPTH, BATCH_SIZE = 100, 3, 60  # the reference network, 64-100-100-100-10
ROOT, SEEDS = 0, 12
# Learning rates at which nothing diverges, so that every way does all of the work.
RATES = (0.01, 0.03, 0.1)
RESHUFFLE = Order("reshuffle", "reshuffle")


@dataclass(frozen=True)
class Setting:
    """What is trained: ``cells`` cells of one shape for ``steps`` updates each."""

    norm: str
    width: int
    cells: int
    steps: int

    @property
    def cell_steps(self) -> int:
        """Updates of a single cell, all cells together."""
        return self.cells * self.steps


def grid(setting: Setting) -> Sequence[Cell]:
    """Return the cells: seeds in turn, and learning rates, as a study's grid has them."""
    base = Cell(
        data=DATA.name,
        model=Model("mlp", "mlp", DEPTH, setting.width, "relu"),
        norm=NORMS[setting.norm],
        optimizer=Optimizer("sgd", "sgd"),
        schedule=Schedule("constant", "constant"),
        order=RESHUFFLE,
        regime="clean",
        batch_size=BATCH_SIZE,
        lr=RATES[0],
        steps=setting.steps,
        root=ROOT,
    )
    return [
        replace(base, seed=number % SEEDS, lr=RATES[number // SEEDS % len(RATES)]) for number in range(setting.cells)
    ]


@cache
def shuffled(steps: int) -> Shuffled:
    """Return the digits, split and put in order as the stage `shuffle` does, for cells of at most ``steps`` updates."""
    raw = digits.load(DATA, {}, Path())
    splits, streams, whole = {"shape": np.array(raw.images.shape[1:])}, {}, extremes(raw.images)
    for seed in range(SEEDS):
        sets = split(raw.labels, DATA, generator(ROOT, "split", seed))
        sets["center"], sets["scale"] = scaling(raw.images[sets["train"]], DATA.inputs, DATA.shape, whole)
        splits |= {f"{name}_{seed}": array for name, array in sets.items()}
        draw = partial(generator, ROOT, "order", seed)
        labels = raw.labels[sets["train"]]
        streams[f"seed_{seed}"] = ORDERS["reshuffle"](labels, steps * BATCH_SIZE, BATCH_SIZE, RESHUFFLE, draw)
    return Shuffled(raw.images, raw.labels, splits, {(RESHUFFLE.name, BATCH_SIZE): streams})


def products(width: int) -> list[tuple[int, int, int]]:
    """Return (rows, inner, columns) of every matrix product of an update: the forward ones, then both backward ones."""
    inputs, classes = 64, 10
    widths = [inputs, *[width] * DEPTH, classes]
    layers = list(zip(widths, widths[1:], strict=False))
    forward = [(BATCH_SIZE, fan_in, fan_out) for fan_in, fan_out in layers]
    weights = [(fan_out, BATCH_SIZE, fan_in) for fan_in, fan_out in layers]
    # The first layer's inputs are data: nobody needs their gradient.
    inputs_of = [(BATCH_SIZE, fan_out, fan_in) for fan_in, fan_out in layers[1:]]
    return forward + weights + inputs_of


def positions(cells: Sequence[Cell], data: Shuffled) -> np.ndarray:
    """Return what each cell reads: (cell, step, sample), positions within its seed's training split."""
    return np.stack([data.stream(cell).reshape(cell.steps, cell.batch_size) for cell in cells])
