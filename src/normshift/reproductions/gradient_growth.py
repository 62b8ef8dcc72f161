"""Yang et al. 2019: at initialisation batch norm and ReLU make gradients grow towards the input."""

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from normshift.params import Cell
from normshift.reproductions.cells import batches, begun
from normshift.reproductions.lines import by_seed, medians
from normshift.reproductions.run import Found, Run
from normshift.results import Line
from normshift.train.losses import LOSSES
from normshift.train.samples import Shuffled

LIMITS = (1.15, 1.27)
THEORY = np.sqrt(np.pi / (np.pi - 1))  # of the norm; Yang et al. give the rate of its square, pi / (pi - 1)
SITE = "u"  # before batch norm: the activations of which the theory speaks
WEIGHT = "W"


def found(run: Run) -> Found:
    """Return the lines of T9, and the gradient's norm at every layer."""
    norms = pd.concat([gradients(cell, run.shuffled) for cell in run.cells])
    keys = ["norm", "depth", "seed", "site"]
    factors = norms.groupby(keys)["gradient"].agg(lambda own: factor(own.to_numpy())).rename("factor").reset_index()
    batch = factors.query("norm == 'batch'")
    lines = [_line(f"depth {depth}", own, SITE, LIMITS) for depth, own in batch.groupby("depth")]
    lines.append(_line("median of all depths", batch, WEIGHT))
    lines.append(_line("median of all depths, without batch norm", factors.query("norm == 'none'"), SITE))
    return lines, {"gradients": medians(norms.drop(columns="seed"), ["norm", "site", "depth", "layer"])}


def gradients(cell: Cell, shuffled: Shuffled) -> pd.DataFrame:
    """Return the norms of a cell's gradients at step 0 on its first batch, at `SITE` and of the weights, by layer."""
    network = begun(cell, shuffled, torch.float64)
    inputs, labels = next(batches(cell, shuffled, torch.float64))
    tables = [
        pd.DataFrame({"gradient": norms(network, inputs, labels, site, cell.model.loss)}).assign(site=site)
        for site in (SITE, WEIGHT)
    ]
    named = pd.concat(tables).rename_axis("layer").reset_index()
    return named.assign(layer=named["layer"] + 1, norm=cell.norm.name, depth=cell.model.depth, seed=cell.seed)


def norms(network: nn.Module, inputs: Tensor, labels: Tensor, site: str = SITE, loss: str = "cross_entropy") -> NDArray:
    """Return the norm of the loss's gradient in every hidden layer, at a site or (W) of its weight: (layer)."""
    outputs, sites = network(inputs)
    read = [
        layer.linear.weight if site == WEIGHT else getattr(one, site)
        for layer, one in zip(network.hidden, sites, strict=True)
    ]
    slopes = torch.autograd.grad(LOSSES[loss](outputs, labels), read)
    return np.array([slope.norm().item() for slope in slopes])


def factor(norms: NDArray) -> float:
    """Return the factor per layer, towards the input, by least squares of the logarithms: (layer) -> scalar.

    The first layer is left out: its inputs have another spread.
    """
    own = np.log(norms[1:])
    return float(np.exp(-np.polyfit(np.arange(len(own)), own, 1)[0]))


def _line(of: str, factors: pd.DataFrame, site: str, limits: tuple[float, float] | tuple[()] = ()) -> Line:
    read = "of the weights" if site == WEIGHT else "at the inputs of batch norm"
    says = f"growth of the gradient's norm per layer, {read}, {of}"
    published = "none" if "without" in of else f"{THEORY:.2f}"
    return Line("T9", says, published, by_seed(factors.query("site == @site"), "factor"), *limits)
