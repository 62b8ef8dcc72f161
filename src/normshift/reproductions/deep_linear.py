"""Santurkar et al. 2018, Figure 3: Definition 2.1 in a deep linear network, without and with batch norm.

Reported, not judged: what was published is held back for an independent comparison.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift.params import Cell
from normshift.reproductions.cells import looks
from normshift.reproductions.linear_stack import LOOKS, trained
from normshift.reproductions.lines import by_seed, medians, told
from normshift.reproductions.run import Found, Run
from normshift.results import Line

ARMS = {"none": "without batch norm", "batch": "with batch norm"}
LAYERS = (9, 17)
ORDER = ("l2", "relative", "cosine", "per displacement")  # of what `metrics.gradient_shift` returns
SYMBOLS = {
    "cosine": "cos(G, G')",
    "l2": "|G - G'|",
    "relative": "|G - G'| / |G|",
    "per displacement": "(|G - G'| / |G|) / (|d theta| / |theta|)",
}
READINGS = ("apart", "moved")  # a layer's own gamma and beta stay, as in the lines, or move with the layers before it
PUBLISHED = "not compared here"


def found(run: Run) -> Found:
    """Return the lines of T5, and curves of two layers."""
    arms = {arm: [cell for cell in run.cells if cell.norm.name == arm] for arm in ARMS}
    results = {arm: trained(cells, run.shuffled) for arm, cells in arms.items()}
    table = pd.concat([_table(arms[arm], *results[arm]).assign(arm=arm) for arm in ARMS])
    lines = [line for (arm, lr), own in table.groupby(["arm", "lr"], sort=False) for line in _shifts(arm, lr, own)]
    losses = [line for arm, (curves, _) in results.items() for line in _losses(arm, arms[arm], curves)]
    return [*losses, *lines], _tables(table)


def _table(cells: Sequence[Cell], losses: NDArray, shifts: NDArray) -> pd.DataFrame:
    """Return a row for each update looked at, cell, reading and layer; nothing precedes layer 1, so from 2 on."""
    looked_at, _, readings, layers, _ = shifts.shape
    places = pd.MultiIndex.from_product(
        [range(looked_at), range(len(cells)), READINGS[:readings], range(1, layers + 1)],
        names=["look", "cell", "reading", "layer"],
    )
    table = pd.DataFrame(shifts.reshape(-1, len(ORDER)), places, list(ORDER)).reset_index().query("layer > 1")
    look, cell = table["look"].to_numpy(), table["cell"].to_numpy()
    return table.drop(columns=["look", "cell"]).assign(
        step=np.array(looks(cells[0].steps, LOOKS))[look],
        seed=np.array([cell.seed for cell in cells])[cell],
        lr=np.array([cell.lr for cell in cells])[cell],
        loss=losses[look, cell],
    )


def _shifts(arm: str, lr: float, table: pd.DataFrame) -> list[Line]:
    """Return the medians over updates of two layers, and over updates and layers of all."""
    own = table.query("reading == 'apart'")
    layers = {f"layer {layer}": own.query("layer == @layer") for layer in LAYERS} | {"all layers from 2 on": own}
    return [
        Line("T5", f"{symbol}, {place}, lr {lr:g}, {ARMS[arm]}", PUBLISHED, by_seed(seen, measure))
        for measure, symbol in SYMBOLS.items()
        for place, seen in layers.items()
    ]


def _losses(arm: str, cells: Sequence[Cell], losses: NDArray) -> list[Line]:
    ratio = losses[-1] / losses[0]
    return [
        Line(
            "T5",
            f"loss after training / before, lr {lr:g}, {ARMS[arm]}",
            PUBLISHED,
            told(ratio[[cell.lr == lr for cell in cells]]),
        )
        for lr in sorted({cell.lr for cell in cells})
    ]


def _tables(table: pd.DataFrame) -> dict:
    curves = table.query("reading == 'apart' and layer in @LAYERS").drop(columns=["reading", "seed"])
    layers = table.drop(columns=["seed", "step", "loss"])
    return {
        "curves": medians(curves, ["arm", "lr", "layer", "step"]),
        "layers": medians(layers, ["arm", "lr", "reading", "layer"]),
    }
