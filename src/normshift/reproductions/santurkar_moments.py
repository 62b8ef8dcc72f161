"""Santurkar et al. 2018, Figure 8: how far the moments of a layer's inputs move from one step to the next.

The paper reads them off the training batches, so that a change is in part another batch and in part another network.
A plain loop: the moments of a step are those of the forward pass that trains.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from normshift import metrics
from normshift.networks.layer import Sites
from normshift.params import Cell
from normshift.reproductions.lines import told
from normshift.reproductions.loop import Loop
from normshift.reproductions.run import Found, Run
from normshift.results import Line
from normshift.train.samples import Shuffled

LAYERS = (2, 4, 7)  # of seven; the paper's are 2, 9 and 13 of its VGG
EVERY = 10  # steps between two decompositions
KNOWN = "not compared here"
MOMENTS = ("mean", "variance")

Moments = dict[int, NDArray]  # layer -> (..., moment, unit)


def found(run: Run) -> Found:
    """Return by arm and layer how mean and variance move, where they end, and of what a move consists (T7)."""
    lines = []
    for arm in dict.fromkeys(cell.norm.name for cell in run.cells):
        seen = [trace(cell, run.shuffled) for cell in run.cells if cell.norm.name == arm]
        for layer in LAYERS:
            for place, moment in enumerate(MOMENTS):
                said = _said([(path[layer][:, place], corners[layer][..., place, :]) for path, corners in seen])
                lines += [
                    Line("T7", f"{arm}, layer {layer}, {moment}: {says}", KNOWN, told(numbers))
                    for says, numbers in said.items()
                ]
    return lines, {}


def _said(seeds: list[tuple[NDArray, NDArray]]) -> dict[str, list[float]]:
    """Return the numbers of a moment's paths (step, unit) and corners (point, state, batch, unit), one per seed."""
    parts = [np.abs(metrics.decomposition(np.moveaxis(corners, -1, 1))) for _, corners in seeds]
    return {
        "median |change per step|": [float(np.median(np.abs(np.diff(path, axis=0)))) for path, _ in seeds],
        "median over units of |end - begin|": [float(np.median(np.abs(path[-1] - path[0]))) for path, _ in seeds],
        "median over units of end - begin": [float(np.median(path[-1] - path[0])) for path, _ in seeds],
        "part due to another batch, median": [float(np.median(part[..., 1])) for part in parts],
        "part due to the update, median": [float(np.median(part[..., 2])) for part in parts],
    }


def trace(cell: Cell, shuffled: Shuffled) -> tuple[Moments, Moments]:
    """Train a cell; return the moments at y of its batches (step, moment, unit), and at some steps their corners.

    Corners (point, state, batch, moment, unit): before and after an update, on its batch and on the next.
    """
    loop, path, corners = Loop(cell, shuffled), [], []
    for step in range(cell.steps):
        cornered = step % EVERY == 0 and step + 1 < cell.steps
        before = _aside(loop, step) if cornered else []
        path.append(moments(loop.update(step)))
        if cornered:
            corners.append([before, _aside(loop, step)])
    return stacked(path), {
        layer: np.array([[[one[layer] for one in state] for state in point] for point in corners]) for layer in LAYERS
    }


def _aside(loop: Loop, step: int) -> list[Moments]:
    """Return the moments on the batch of a step and on the next."""
    return [moments(loop.look(step)), moments(loop.look(step + 1))]


def moments(sites: list[Sites]) -> Moments:
    """Return mean and variance at y over samples and positions: layer -> (moment, unit)."""
    ys = {layer: sites[layer - 1].y.detach() for layer in LAYERS}
    return {layer: torch.stack([y.mean(0), y.var(0, correction=0)]).double().numpy() for layer, y in ys.items()}


def stacked(path: list[Moments]) -> Moments:
    """Return moments of steps as one array a layer: (step, moment, unit)."""
    return {layer: np.stack([one[layer] for one in path]) for layer in LAYERS}
