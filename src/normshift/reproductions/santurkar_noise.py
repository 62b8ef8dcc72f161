"""Santurkar et al. 2018, Figure 2: batch norm followed by noise that makes the inputs of layers unstable."""

import pandas as pd

from normshift.configure.choices import FIRST_TUNING_SEED
from normshift.params import Cell
from normshift.reproductions.cells import split
from normshift.reproductions.lines import columns, told
from normshift.reproductions.loop import Loop, accuracy
from normshift.reproductions.run import Found, Run
from normshift.results import Line
from normshift.train.samples import Shuffled

ARMS = ("none", "batch", "noisy", "none_noisy")
CLOSE, WORSE = 2.0, 5.0  # points of accuracy: "within 1 to 2 points", "clearly worse"


def found(run: Run) -> Found:
    """Return what noise costs with batch norm and without it, in each network, each arm at its best rate (T4)."""
    rows = [
        (cell.model.name, cell.norm.name, cell.lr, cell.seed, 100 * reached(cell, run.shuffled)) for cell in run.cells
    ]
    table = pd.DataFrame(rows, columns=["model", "norm", "lr", "seed", "accuracy"])
    lines = []
    for model, own in table.groupby("model", sort=False):
        lines += _lines(str(model), pd.DataFrame({arm: best(own[own["norm"] == arm]) for arm in ARMS}))
    return lines, {"accuracy": columns(table.round(2))}


def reached(cell: Cell, shuffled: Shuffled) -> float:
    """Return the test accuracy of a cell after its last update, by running averages and without noise."""
    loop = Loop(cell, shuffled)
    for step in range(cell.steps):
        loop.update(step)
    return accuracy(loop.network, *split("test", cell, shuffled))


def best(table: pd.DataFrame) -> pd.Series:
    """Return the accuracy by judged seed at the rate at which the tuning seeds' median is highest."""
    tuning = table["seed"] >= FIRST_TUNING_SEED
    lr = table[tuning].groupby("lr")["accuracy"].median().idxmax()
    return table[~tuning & (table["lr"] == lr)].set_index("seed")["accuracy"]


def _lines(model: str, reached: pd.DataFrame) -> list[Line]:
    def line(says: str, published: str, values: pd.Series, low: float | None = None, high: float | None = None) -> Line:
        return Line("T4", f"{model}: {says}", published, told(values.to_numpy()), low, high)

    cost = reached["batch"] - reached["noisy"]
    return [
        *(line(f"test accuracy in %, {arm}", "", reached[arm]) for arm in ARMS),
        line("noise costs batch norm, points", "next to nothing", cost, -CLOSE, CLOSE),
        line("noisy batch norm ahead of none, points", "ahead", reached["noisy"] - reached["none"], low=0.0),
        line("noise costs none, points", "keeps it from training", reached["none"] - reached["none_noisy"], low=WORSE),
    ]
