"""The samples that a stack of cells reads: its seeds' splits, its index streams, its noise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from normshift import seeds
from normshift.params import Cell
from normshift.train.disturbance import Disturbance

HELD_OUT = ("test", "probe", "second")
POPULATION = 10_000  # training samples at most over which exact statistics are taken


@dataclass(frozen=True)
class Shuffled:
    """What `shuffle` wrote, opened: raw inputs (sample, input), labels, splits, and streams by (order, batch size)."""

    inputs: np.ndarray
    labels: np.ndarray
    splits: Mapping[str, np.ndarray]
    streams: Mapping[tuple[str, int], Mapping[str, np.ndarray]]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of a sample: (input,), or (channel, height, width)."""
        return tuple(int(size) for size in self.splits["shape"])

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return int(self.labels.max()) + 1

    def part(self, name: str, seed: int) -> np.ndarray:
        """Return the positions in ``inputs`` of a split of a seed: train, test, probe, second or subset."""
        if name == "subset":
            return self.splits[f"train_{seed}"][self.splits[f"subset_{seed}"]]
        return self.splits[f"{name}_{seed}"]

    def standardised(self, positions: np.ndarray, seed: int) -> np.ndarray:
        """Return inputs in units of the training split's own standard deviation, about its mean."""
        return (self.inputs[positions] - self.splits[f"center_{seed}"]) / self.splits[f"scale_{seed}"]

    def serves(self, cell: Cell) -> bool:
        """Say whether there is a split for a cell's seed and a stream as long as it needs."""
        stream = self.streams[cell.order.name, cell.batch_size].get(f"seed_{cell.seed}", ())
        return f"train_{cell.seed}" in self.splits and len(stream) >= cell.steps * cell.batch_size

    def stream(self, cell: Cell) -> np.ndarray:
        """Return the prefix of the index stream that a cell reads."""
        whole = self.streams[cell.order.name, cell.batch_size][f"seed_{cell.seed}"]
        return whole[: cell.steps * cell.batch_size]


class Fixed(NamedTuple):
    """A set of samples that every look shows again; where the regime is fresh, with one draw of the noise."""

    inputs: Tensor  # (row, sample, input)
    labels: Tensor  # (row, sample)
    row_of: Tensor  # (cell): cells of a seed and regime share a row
    name: str


class Samples:
    """Inputs and labels for each cell of a stack, gathered from arrays kept once per seed; what disturbs its layers."""

    def __init__(
        self,
        shuffled: Shuffled,
        cells: Sequence[Cell],
        dtype: torch.dtype,
        device: str,
        excursions: Tensor | None = None,
    ):
        self.shuffled = shuffled
        self.dtype, self.device, self.root = dtype, device, cells[0].root
        self.batch_size, self.steps = cells[0].batch_size, cells[0].steps
        self.seeds = sorted({cell.seed for cell in cells})
        self.seed_of = self._tensor(np.array([self.seeds.index(cell.seed) for cell in cells]))
        self.fresh = self._tensor(np.array([cell.regime == "fresh" for cell in cells]))
        self._any_fresh = any(cell.regime == "fresh" for cell in cells)
        self.inputs = self._real([shuffled.standardised(shuffled.part("train", seed), seed) for seed in self.seeds])
        self.labels = self._tensor(np.stack([shuffled.labels[shuffled.part("train", seed)] for seed in self.seeds]))
        keys = sorted({(cell.order.name, cell.seed): cell for cell in cells}.items())
        names = [key for key, _ in keys]
        self.streams = self._tensor(np.stack([shuffled.stream(cell) for _, cell in keys]))
        self.stream_of = self._tensor(np.array([names.index((cell.order.name, cell.seed)) for cell in cells]))
        self._drawn: dict[int | str, Tensor] = {}
        self.disturbance = Disturbance(cells, self.seeds, excursions, dtype, device)

    def _tensor(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device)

    def _real(self, arrays: Sequence[np.ndarray]) -> Tensor:
        return self._tensor(np.stack(arrays)).to(self.dtype)

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """Return the batch of a step for every cell: (cell, sample, input) and (cell, sample)."""
        begin = step * self.batch_size
        places = self.streams[:, begin : begin + self.batch_size][self.stream_of].long()
        rows = self.seed_of[:, None]
        inputs = self.inputs[rows, places]
        if self._any_fresh:
            noise = self._noise(step, inputs.shape[1:])[self.seed_of]
            inputs = torch.where(self.fresh[:, None, None], inputs + noise, inputs)
        return inputs, self.labels[rows, places]

    def noises(self, steps: Sequence[int]) -> Tensor:
        """Return the noise of some steps, (seed, step, sample, input); empty if no cell reads any."""
        shape = (self.batch_size, self.inputs.shape[-1])
        if not self._any_fresh:
            return torch.zeros(0, 0, *shape, dtype=self.dtype, device=self.device)
        return torch.stack([self._noise(step, shape) for step in steps], dim=1)

    def fixed(self, name: str) -> Fixed:
        """Return a set that does not change: train (of a large one the first part), test, probe, second or subset."""
        if name == "train":
            inputs, labels = self.inputs[:, :POPULATION], self.labels[:, :POPULATION]
        else:
            places = [self.shuffled.part(name, seed) for seed in self.seeds]
            pairs = zip(places, self.seeds, strict=True)
            inputs = self._real([self.shuffled.standardised(place, seed) for place, seed in pairs])
            labels = self._tensor(np.stack([self.shuffled.labels[place] for place in places]))
        if not self._any_fresh:
            return Fixed(inputs, labels, self.seed_of, name)
        noisy = torch.cat([inputs, inputs + self._noise(name, inputs.shape[1:])])
        return Fixed(noisy, torch.cat([labels, labels]), self.seed_of + len(self.seeds) * self.fresh, name)

    def _noise(self, purpose: int | str, shape: Sequence[int]) -> Tensor:
        # Per seed, not per cell: paired arms see the same noise, whatever their company.
        if purpose not in self._drawn:
            draws = [
                seeds.generator(self.root, "fresh", seed, purpose).standard_normal(tuple(shape), dtype="float32")
                for seed in self.seeds
            ]
            self._drawn[purpose] = self._real(draws)
        return self._drawn[purpose]

    def forget(self, before: int) -> None:
        """Drop the noise of earlier steps; it would be drawn again if it were asked for."""
        self._drawn = {key: drawn for key, drawn in self._drawn.items() if isinstance(key, str) or key >= before}
        self.disturbance.forget(before)
