"""Excursions of the moments of another network: of the same cell without normaliser, recorded while it trains.

What is recorded ends where that source diverges, or where one of its units becomes constant and has no ln sd. From that
step on excursions are missing: a cell that replays them has no loss there, and is recorded as diverged at that step.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from normshift import seeds
from normshift.params import Cell, Norm
from normshift.train import stacks
from normshift.train.programs import PROGRAMS, chosen
from normshift.train.samples import Samples, Shuffled

NONE = Norm("none", "none", learn_gamma=False, learn_beta=False)


def source(cell: Cell) -> Cell:
    """Return the cell whose moments a cell replays: itself, without normaliser."""
    return replace(cell, norm=NONE)


def replayed(cells: Sequence[Cell], shuffled: Shuffled, program: str, device: str, dtype: torch.dtype) -> Tensor | None:
    """Train the sources of cells and return their excursions (cell, step, layer, scale or offset, unit); see below."""
    if all(cell.norm.replay == "nothing" for cell in cells):
        return None
    sources = list(dict.fromkeys(source(cell) for cell in cells))
    samples = Samples(shuffled, sources, dtype, device)
    start = stacks.start(sources, shuffled.shape, shuffled.classes, dtype, device)
    network, parameters, buffers = start
    running = PROGRAMS[chosen(program, device, sources[0])](network, sources, parameters, buffers, samples, None)
    moments, ends = recorded(running, samples)
    places = [sources.index(source(cell)) for cell in cells]
    each = [excursions(moments[place], ends[place], cell) for place, cell in zip(places, cells, strict=True)]
    return torch.from_numpy(np.stack(each)).to(device, dtype)


def recorded(running, samples: Samples) -> tuple[NDArray, NDArray]:
    """Train a program's stack; return moments of u (cell, step, layer, 2, unit), and how many steps have any (cell).

    They are of the step's own batch before its update; those after the last update, of the first batch.
    """
    seen = []
    for step in range(samples.steps):
        seen.append(running.see_batches([step], only_u=True)[:, 0, :, 0].cpu())
        running.advance(step, step + 1)
        samples.forget(step + 1)
    seen.append(running.see_batches([0], only_u=True)[:, 0, :, 0].cpu())
    moments = torch.stack(seen, dim=1).numpy()
    ended = running.curves.ended.cpu().numpy()[:, None]
    there = (ended < 0) | (np.arange(samples.steps + 1) < ended)
    there &= (np.isfinite(moments).all(axis=3) & (moments[:, :, :, 1] > 0)).all(axis=(2, 3))
    return moments, np.where(there.all(axis=1), samples.steps + 1, there.argmin(axis=1))


def excursions(moments: NDArray, end: int, cell: Cell) -> NDArray:
    """Return excursions about the time mean <> of what was recorded, times the gain g, NaN from step ``end`` on.

    ``x <- s x + m``, ``s = exp(g (ln sd - <ln sd>))``, ``m = g (mean - <mean>) / exp(<ln sd>)``:
    (step, layer, 2, unit) -> (step, layer, s or m, unit).
    """
    found = np.full_like(moments, np.nan)
    if end == 0:
        return found
    gain, used = cell.norm.gain, cell.norm.replayed
    mean, log = moments[:end, :, 0].astype(float), np.log(moments[:end, :, 1].astype(float))
    usual_mean, usual_log = (values[: cell.steps].mean(axis=0) for values in (mean, log))
    scale = np.exp(gain * (log - usual_log)) if used != "mean" else np.ones_like(log)
    offset = gain * (mean - usual_mean) / np.exp(usual_log) if used != "scale" else np.zeros_like(mean)
    found[:end] = np.stack([scale, offset], axis=2)[times(cell, end)]
    return found


def times(cell: Cell, end: int) -> NDArray:
    """Return the step that each step replays, of ``end`` recorded ones: itself, or in one order per seed.

    What follows the last update stays where it is.
    """
    if cell.norm.replay == "ordered":
        return np.arange(end)
    order = seeds.generator(cell.root, "replay", cell.seed).permutation(cell.steps)
    return np.append(order[order < end], np.arange(cell.steps, end))
