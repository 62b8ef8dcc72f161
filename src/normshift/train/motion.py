"""How far gamma, beta and the weights of each layer move: exact per-step accumulators, a twentieth of the run each."""

import torch
from torch import Tensor

from normshift.observe.forward import State
from normshift.records import BLOCKS

PARAMETERS = ("affine.gamma", "affine.beta", "linear.weight")


def layer_names(parameters: State, parameter: str) -> list[str]:
    """Return the names of a parameter in the hidden layers, in order; empty if the network has none."""
    count = len({name.split(".")[1] for name in parameters if name.startswith("hidden.")})
    names = [f"hidden.{layer}.{parameter}" for layer in range(count)]
    return [name for name in names if name in parameters]


class Motion:
    """Sums over the updates of each block; arrays (cell, block, parameter, layer), NaN where there is no parameter."""

    def __init__(self, parameters: State, steps: int):
        self.steps = steps
        self.names = [layer_names(parameters, parameter) for parameter in PARAMETERS]
        cells, layers = next(iter(parameters.values())).shape[0], len(self.names[2])
        like = next(iter(parameters.values()))
        self.step_abs, self.step_norm, self.sign_changes = (
            torch.full((cells, BLOCKS, len(PARAMETERS), layers), torch.nan, dtype=like.dtype, device=like.device)
            for _ in range(3)
        )
        for number, names in enumerate(self.names):
            for sums in (self.step_abs, self.step_norm, self.sign_changes)[: 3 if number < 2 else 2]:
                sums[:, :, number, : len(names)] = 0.0
        self._last: State = {}
        self._from = dict(parameters)
        self._increments: dict[str, list[Tensor]] = {name: [] for names in self.names for name in names}

    def block(self, step: int) -> int:
        """Return the block of an update."""
        return step * BLOCKS // self.steps

    def add(self, step: int, updates: State, parameters: State) -> None:
        """Take in one update; ``parameters`` are those after it."""
        block = self.block(step)
        self._add(block, updates)
        if step + 1 == self.steps or self.block(step + 1) != block:
            self._close(parameters)

    def _add(self, block: int, updates: State) -> None:
        for number, names in enumerate(self.names):
            for layer, name in enumerate(names):
                update = updates[name].flatten(1)
                at = (slice(None), block, number, layer)
                self.step_abs[at] += update.abs().mean(1)
                self.step_norm[at] += torch.linalg.vector_norm(update, dim=1)
                if number < 2:
                    if name in self._last:
                        self.sign_changes[at] += (update * self._last[name] < 0).to(update.dtype).mean(1)
                    self._last[name] = update

    def _close(self, parameters: State) -> None:
        for name, increments in self._increments.items():
            increments.append((parameters[name] - self._from[name]).flatten(1))
            self._from[name] = parameters[name]

    def arrays(self) -> dict[str, Tensor]:
        """Return the arrays of `records.CELL` that this accumulates, blocks without an update left NaN."""
        first = torch.arange(self.steps, device=self.step_abs.device) * BLOCKS // self.steps
        updates = torch.bincount(first, minlength=BLOCKS).to(self.step_abs)
        shape = (1, BLOCKS, 1, 1)
        compared = updates.clone()
        compared[0] -= 1
        return {
            "step_abs": self.step_abs / updates.reshape(shape),
            "step_norm": self.step_norm,
            "sign_changes": self.sign_changes / compared.reshape(shape),
            "gram": self._gram(),
        }

    def _gram(self) -> Tensor:
        cells, layers = self.step_abs.shape[0], self.step_abs.shape[3]
        rows, columns = torch.triu_indices(BLOCKS, BLOCKS)
        gram = torch.full((cells, len(PARAMETERS), layers, len(rows)), torch.nan).to(self.step_abs)
        for number, names in enumerate(self.names):
            for layer, name in enumerate(names):
                increments = torch.zeros(cells, BLOCKS, self._from[name][0].numel()).to(self.step_abs)
                for block, increment in zip(self._blocks(), self._increments[name], strict=True):
                    increments[:, block] = increment
                gram[:, number, layer] = (increments @ increments.mT)[:, rows, columns]
        return gram

    def _blocks(self) -> list[int]:
        return sorted({self.block(step) for step in range(self.steps)})
