"""Cohen et al. 2021: gradient descent on all samples sharpens until the Hessian's largest eigenvalue is 2 / lr."""

from collections.abc import Callable

import pandas as pd
import torch
from torch import Tensor
from torch.func import functional_call

from normshift import seeds
from normshift.observe.curvature import hessian_product, largest_eigenvalue
from normshift.params import Cell
from normshift.reproductions.cells import begun, looks, split
from normshift.reproductions.lines import by_seed, medians
from normshift.reproductions.run import Found, Run
from normshift.results import Line
from normshift.train.detail import LANCZOS
from normshift.train.losses import LOSSES
from normshift.train.samples import Shuffled

ARMS = {"none": "without batch norm", "batch": "with batch norm"}
LOOKS = 45  # times that the eigenvalue is taken, evenly spaced
LATE = 2 / 3  # of the run, from which on it is judged
EDGE = (1.9, 2.5)


def found(run: Run) -> Found:
    """Return the lines of T10, and the lowest seed's curves."""
    curves = pd.concat([curve(cell, run.shuffled) for cell in run.cells])
    lines = [line for (arm, lr), own in curves.groupby(["arm", "lr"], sort=False) for line in _lines(arm, lr, own)]
    lowest = curves[curves["seed"] == curves["seed"].min()].drop(columns=["seed", "share"])
    return lines, {"curves": medians(lowest, ["arm", "lr", "step"])}


def curve(cell: Cell, shuffled: Shuffled) -> pd.DataFrame:
    """Return the largest eigenvalue times the learning rate, ``edge``, and the loss before some updates of a cell.

    ``theta <- theta - lr grad L(theta)``, L being the loss on the whole training split.
    """
    loss, at = objective(cell, shuffled)
    looked_at, rows = set(looks(cell.steps, LOOKS)), []
    for step in range(cell.steps):
        at = at.detach().requires_grad_()
        here = loss(at)
        if step in looked_at:
            rows.append({"step": step, "edge": cell.lr * sharpness(loss, at, cell.root), "loss": here.item()})
        at = at - cell.lr * torch.autograd.grad(here, at)[0]
    shares = [row["step"] / cell.steps for row in rows]
    return pd.DataFrame(rows).assign(share=shares, arm=cell.norm.name, lr=cell.lr, seed=cell.seed)


def sharpness(loss: Callable[[Tensor], Tensor], at: Tensor, root: int) -> float:
    """Return the largest eigenvalue of the Hessian of a function of a vector."""
    start = seeds.generator(root, "lanczos").standard_normal(len(at))
    _, product = hessian_product(loss, at)
    return largest_eigenvalue(product, torch.from_numpy(start).to(at.dtype), LANCZOS).item()


def objective(
    cell: Cell, shuffled: Shuffled, dtype: torch.dtype = torch.float32
) -> tuple[Callable[[Tensor], Tensor], Tensor]:
    """Return a cell's loss on its training split as a function of the vector of its parameters, and that at step 0."""
    network = begun(cell, shuffled, dtype)
    inputs, labels = split("train", cell, shuffled, dtype)
    own = {name: value.detach() for name, value in network.named_parameters()}
    sizes = [value.numel() for value in own.values()]

    def loss(vector: Tensor) -> Tensor:
        pieces = zip(own.items(), vector.split(sizes), strict=True)
        parameters = {name: piece.view_as(value) for (name, value), piece in pieces}
        untouched = {name: value.clone() for name, value in network.named_buffers()}
        outputs, _ = functional_call(network, (parameters, untouched), (inputs,))
        return LOSSES[cell.model.loss](outputs, labels)

    return loss, torch.cat([value.flatten() for value in own.values()])


def _lines(arm: str, lr: float, curves: pd.DataFrame) -> list[Line]:
    limits, says = EDGE if arm == "none" else (), f"largest eigenvalue of the Hessian times lr, lr {lr:g}, {ARMS[arm]}"
    late = curves[curves["share"] >= LATE]
    return [
        Line("T10", f"{says}, at first", "lower, where it rises", by_seed(curves[curves["step"] == 0], "edge")),
        Line("T10", f"{says}, median of the last third", "2 or just above", by_seed(late, "edge"), *limits),
    ]
