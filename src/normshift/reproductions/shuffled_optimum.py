"""Batches that never change lead batch norm elsewhere than new ones do (Wu, Yun & Sra 2023, arXiv:2302.12444).

In a linear network both places have closed forms: of the batches of one permutation, and of those of many, which is
where reshuffling leads. In a deep network it is trained for long, and the loss by statistics of other samples is read.
"""

import numpy as np
from numpy.typing import NDArray

from normshift.observe import distortion
from normshift.params import Cell
from normshift.reproductions.run import Found, Run, numbers
from normshift.results import Line
from normshift.seeds import generator
from normshift.train.samples import Shuffled

PERMUTATIONS = 40  # that stand for all


def found(run: Run) -> Found:
    """Return what the optima of one and of many permutations cost, and losses of deep networks (T8)."""
    linear = [cell for cell in run.cells if cell.model.kind == "linear" and cell.order.kind == "single"]
    single, many = np.transpose([excesses(run.shuffled, cell) for cell in linear])
    losses = _losses(run)
    ratio = losses["single"] / losses["reshuffle"]
    direction = "one permutation leads farther away"
    return [
        Line("T8", "linear: excess full-batch loss at the optimum of one permutation", "", numbers(single)),
        Line("T8", "linear: the same of many permutations", "", numbers(many)),
        Line("T8", "linear: one / many", direction, numbers(single / many), low=1.0),
        Line(
            "T8",
            "deep: loss on training samples in other batches, one permutation, nats",
            "",
            numbers(losses["single"]),
        ),
        Line("T8", "deep: the same, reshuffled every epoch", "", numbers(losses["reshuffle"])),
        Line("T8", "deep: one / reshuffled", direction, numbers(ratio), low=1.0),
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


def _losses(run: Run) -> dict[str, NDArray]:
    """Return by order the loss at the last observation, batch mode on the fixed training subset: (seed)."""
    table = run.tables["losses"].merge(run.tables["cells"], on="cell").query("depth > 1")
    last = table.sort_values("step").groupby(["order", "seed"])["loss"].last()
    return {str(order): last.loc[order].sort_index().to_numpy() for order in ("single", "reshuffle")}
