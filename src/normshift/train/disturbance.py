"""What is done to the activations of a stack from outside, named by step: noise injected at y, excursions of x.

A batch brings what belongs to its own step, whenever it is shown. A fixed set in batch mode has what belongs to the
next update: before the update of step t that of t, after it that of t + 1, so that a shift between the two contains the
injected instability. Laws of the noise are a step's, shared by its batch and all sets; each of these draws its own
samples from them. In evaluation nothing is done.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from normshift.observe.forward import State
from normshift.params import Cell
from normshift.seeds import generator
from normshift.train import injected

NOISY = ("noisy", "none_noisy")


class Done(NamedTuple):
    """Scale and offset, ``s v + m``, for each number of a call; empty where nothing is done."""

    seed_of: Tensor  # (cell)
    noise: Tensor  # (seed, number, layer, scale or offset, sample, unit)
    excursions: Tensor  # (cell, number, layer, scale or offset, unit)


class Disturbance:
    """Draws noise once per seed, for all its cells, and keeps that of batches until it is forgotten.

    ``excursions`` (cell, step, layer, scale or offset, unit) go one step further than training.
    """

    def __init__(
        self, cells: Sequence[Cell], seeds: list[int], excursions: Tensor | None, dtype: torch.dtype, device: str
    ):
        self._root, self._model, self._batch_size = cells[0].root, cells[0].model, cells[0].batch_size
        self._noisy, self._seeds = cells[0].norm.kind in NOISY, seeds
        self._seed_of = torch.tensor([seeds.index(cell.seed) for cell in cells], device=device)
        self._excursions, self._dtype, self._device = excursions, dtype, device
        self._drawn: dict[int, Tensor] = {}

    def nothing(self) -> Done:
        """Return that nothing is done."""
        return Done(self._seed_of, self._empty(6), self._empty(5))

    def of_batches(self, steps: Sequence[int]) -> Done:
        """Return what is done to the batches of some steps."""
        noise = torch.stack([self._of_batch(step) for step in steps], dim=1) if self._noisy else self._empty(6)
        return Done(self._seed_of, noise, self._excursions_of(steps))

    def of_set(self, name: str, samples: int, step: int) -> Done:
        """Return what is done to a fixed set while the update of a step is the next."""
        noise = self._draw(step, samples, name).unsqueeze(1) if self._noisy else self._empty(6)
        return Done(self._seed_of, noise, self._excursions_of([step]))

    def forget(self, before: int) -> None:
        """Drop the noise of earlier steps; it would be drawn again if it were asked for."""
        self._drawn = {step: drawn for step, drawn in self._drawn.items() if step >= before}

    def _empty(self, axes: int) -> Tensor:
        return torch.zeros([0] * axes, dtype=self._dtype, device=self._device)

    def _excursions_of(self, steps: Sequence[int]) -> Tensor:
        if self._excursions is None:
            return self._empty(5)
        return self._excursions.index_select(1, torch.tensor(list(steps), device=self._device))

    def _of_batch(self, step: int) -> Tensor:
        if step not in self._drawn:
            self._drawn[step] = self._draw(step, self._batch_size)
        return self._drawn[step]

    def _draw(self, step: int, samples: int, *purpose: str) -> Tensor:
        """Return noise (seed, layer, scale or offset, sample, unit)."""
        found = []
        for seed in self._seeds:
            laws = injected.laws(self._generator(seed, step, "laws"), self._model.depth, self._model.width)
            found.append(injected.noise(self._generator(seed, step, "samples", *purpose), laws, samples))
        return torch.from_numpy(np.stack(found)).to(self._device, self._dtype)

    def _generator(self, *names: int | str) -> np.random.Generator:
        return generator(self._root, "injected", *names)


def buffers(done: Done) -> State:
    """Return the first number's noise and excursions by the names of the buffers they replace, for each cell."""
    each = {}
    if done.noise.numel():
        each["noise"] = done.noise[:, 0][done.seed_of]
    if done.excursions.numel():
        each["normaliser.excursion"] = done.excursions[:, 0]
    return {
        f"hidden.{layer}.{where}.{name}": values[:, layer, place]
        for where, values in each.items()
        for layer in range(values.shape[1])
        for place, name in enumerate(("scale", "offset"))
    }
