"""Weights before batch norm grow by plain SGD, and by exactly as much as their gradient says (van Laarhoven 2017)."""

import pandas as pd
import torch
from torch import Tensor

from normshift.params import Cell
from normshift.reproductions.cells import batches, begun
from normshift.reproductions.lines import by_seed, medians
from normshift.reproductions.run import Found, Run
from normshift.results import Line
from normshift.train.losses import LOSSES
from normshift.train.samples import Shuffled

MOST = 1e-3
JUDGED = 1e-8  # the eps at which the identity is held to be exact


def found(run: Run) -> Found:
    """Return the lines of T12, and the first layers' growth."""
    grown = pd.concat([growth(cell, run.shuffled) for cell in run.cells])
    lines = [line for arm, seen in grown.groupby("arm", sort=False) for line in _lines(str(arm), seen)]
    return lines, {"growth": medians(grown.drop(columns="seed"), ["arm", "layer", "step"])}


def growth(cell: Cell, shuffled: Shuffled) -> pd.DataFrame:
    """Return for every update and hidden layer how much ``|w|^2`` grew, what is expected, and the relative error.

    Of ``L(c w) = L(w)`` follows ``<w, g> = 0``, so that ``|w - lr g|^2 = |w|^2 + lr^2 |g|^2``: plain SGD, no decay.
    """
    network = begun(cell, shuffled, torch.float64)
    weights = [layer.linear.weight for layer in network.hidden]
    optimizer = torch.optim.SGD(network.parameters(), lr=cell.lr)
    rows, before = [], squares(weights)
    for step, (inputs, labels) in enumerate(batches(cell, shuffled, torch.float64)):
        outputs, _ = network(inputs)
        optimizer.zero_grad()
        LOSSES[cell.model.loss](outputs, labels).backward()
        optimizer.step()
        expected = cell.lr**2 * squares([weight.grad for weight in weights])
        after = squares(weights)
        error = ((after - before) / expected - 1).abs()
        columns = {"layer": range(1, 1 + len(weights)), "grown": after - before, "expected": expected, "error": error}
        rows.append(pd.DataFrame(columns).assign(step=step))
        before = after
    return pd.concat(rows).assign(arm=_arm(cell), seed=cell.seed)


def squares(tensors: list[Tensor]) -> Tensor:
    """Return the sum of squares of each tensor: (tensor)."""
    return torch.stack([tensor.detach().square().sum() for tensor in tensors])


def _arm(cell: Cell) -> str:
    return f"batch norm, eps {cell.norm.eps:g}" if cell.norm.kind == "batch" else "no batch norm"


def _lines(arm: str, seen: pd.DataFrame) -> list[Line]:
    high = MOST if arm.endswith(f"eps {JUDGED:g}") else None
    worst = seen.groupby("seed", as_index=False)["error"].max()
    says = "relative error of |w'|^2 - |w|^2 = lr^2 |g|^2"
    return [
        Line("T12", f"{says}, largest over layers and updates, {arm}", "0", by_seed(worst, "error"), high=high),
        Line("T12", f"{says}, median over layers and updates, {arm}", "0", by_seed(seen, "error"), high=high),
    ]
