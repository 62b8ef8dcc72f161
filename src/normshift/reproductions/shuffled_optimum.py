"""Batches that never change lead batch norm elsewhere than new ones do (Wu, Yun & Sra 2023, arXiv:2302.12444).

In a linear network both places have closed forms: of the batches of one permutation, and of those of many, which is
where reshuffling leads. In a deep network it is trained for long, and the loss by statistics of other samples is read.
"""

import numpy as np

from normshift.observe import distortion
from normshift.params import Cell
from normshift.reproductions.lines import told
from normshift.reproductions.run import Found, Run
from normshift.results import Line
from normshift.seeds import generator
from normshift.train.samples import Shuffled

PERMUTATIONS = 40  # that stand for all


DIRECTION = "one permutation leads farther away"


def linear(run: Run) -> Found:
    """Return what the optima of one and of many permutations cost in full-batch loss (T8)."""
    one, many = np.transpose([excesses(run.shuffled, cell) for cell in run.cells])
    return [
        Line("T8", "excess full-batch loss at the optimum of one permutation", "", told(one)),
        Line("T8", "the same at that of many permutations", "", told(many)),
        Line("T8", "one / many", DIRECTION, told(one / many), low=1.0),
    ], {}


def deep(run: Run) -> Found:
    """Return what a network trained on one permutation loses on its training samples in other batches (T8)."""
    table = run.tables["losses"].merge(run.tables["cells"], on="cell").sort_values("step")
    last = table.groupby(["order", "seed"]).tail(1).set_index(["order", "seed"])["loss"]  # NaN, if it has diverged
    one, new = (last.loc[order].sort_index().to_numpy() for order in ("single", "reshuffle"))
    return [
        Line("T8", "loss on training samples in other batches, one permutation, nats", "", told(one)),
        Line("T8", "the same, reshuffled every epoch", "", told(new)),
        Line("T8", "one / reshuffled", DIRECTION, told(one / new), low=1.0),
    ], {}


def excesses(shuffled: Shuffled, cell: Cell) -> tuple[float, float]:
    """Return the full-batch loss at the optima of one permutation's batches and of many's, above its least."""
    positions = shuffled.part("train", cell.seed)
    inputs, labels = shuffled.standardised(positions, cell.seed), shuffled.labels[positions]
    draw = generator(cell.root, "permutations", cell.seed)

    def above(permutations: int) -> float:
        order = np.concatenate([draw.permutation(len(labels)) for _ in range(permutations)])
        batches = order.reshape(-1, cell.batch_size)
        best, own = distortion.optima(inputs, labels, shuffled.classes, batches, cell.norm.eps)
        return float(distortion.excess(own, best, inputs, cell.norm.eps))

    return above(1), above(PERMUTATIONS)
