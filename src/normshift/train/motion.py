"""How far gamma, beta and the weights of each layer move: exact per-step accumulators, a twentieth of the run each."""

from collections.abc import Sequence

import torch
from torch import Tensor

from normshift.observe.forward import State
from normshift.observe.hybrid import depth
from normshift.records import BLOCKS

PARAMETERS = ("affine.gamma", "affine.beta", "linear.weight")


def layer_names(parameters: State, parameter: str) -> list[str]:
    """Return the names of a parameter in the hidden layers, in order; empty if the network has none."""
    names = [f"hidden.{layer}.{parameter}" for layer in range(depth(parameters))]
    return [name for name in names if name in parameters]


class Motion:
    """Sums over the updates of each block; arrays (cell, block, parameter, layer), NaN where there is no parameter.

    Updates are added by `add`, or by whoever fills the three arrays; `close` ends a block.
    """

    def __init__(self, parameters: State, steps: int):
        self.steps = steps
        self.names = [layer_names(parameters, parameter) for parameter in PARAMETERS]
        like = next(iter(parameters.values()))
        cells, layers = like.shape[0], len(self.names[2])
        self.step_abs, self.step_norm, self.sign_changes = (
            torch.full((cells, BLOCKS, len(PARAMETERS), layers), torch.nan, dtype=like.dtype, device=like.device)
            for _ in range(3)
        )
        for number, names in enumerate(self.names):
            for sums in (self.step_abs, self.step_norm, self.sign_changes)[: 3 if number < 2 else 2]:
                sums[:, :, number, : len(names)] = 0.0
        self._last: State = {}
        self._from = {name: parameters[name].clone() for names in self.names for name in names}
        self._closed: list[int] = []
        self._increments: dict[str, list[Tensor]] = {name: [] for name in self._from}

    @staticmethod
    def block_of(step: int, steps: int) -> int:
        """Return the block of an update."""
        return step * BLOCKS // steps

    @staticmethod
    def ends(steps: int) -> list[int]:
        """Return the steps before which a block ends, the last included."""
        return [
            step + 1
            for step in range(steps)
            if step + 1 == steps or Motion.block_of(step, steps) != Motion.block_of(step + 1, steps)
        ]

    def add(self, step: int, updates: State) -> None:
        """Take in what an update subtracted from each parameter."""
        block = self.block_of(step, self.steps)
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

    def close(self, step: int, parameters: State) -> None:
        """End the block of the update ``step`` with the parameters after it."""
        self._closed.append(self.block_of(step, self.steps))
        for name, increments in self._increments.items():
            increments.append((parameters[name] - self._from[name]).flatten(1))
            self._from[name] = parameters[name].clone()

    def arrays(self, parts: Sequence[slice]) -> dict[str, Tensor]:
        """Return the arrays of `records.CELL` that this accumulates; ``parts`` are cells that may share a product.

        Blocks without an update are left NaN.
        """
        first = torch.arange(self.steps, device=self.step_abs.device) * BLOCKS // self.steps
        updates = torch.bincount(first, minlength=BLOCKS).to(self.step_abs)
        shape = (1, BLOCKS, 1, 1)
        compared = updates.clone()
        compared[0] -= 1
        return {
            "step_abs": self.step_abs / updates.reshape(shape),
            "step_norm": self.step_norm,
            "sign_changes": self.sign_changes / compared.reshape(shape),
            "gram": torch.cat([self._gram(part) for part in parts]),
        }

    def _gram(self, part: slice) -> Tensor:
        cells, layers = self.step_abs[part].shape[0], self.step_abs.shape[3]
        rows, columns = torch.triu_indices(BLOCKS, BLOCKS)
        closed = torch.tensor(self._closed)[:, None]
        gram = torch.full((cells, len(PARAMETERS), layers, len(rows)), torch.nan).to(self.step_abs)
        for number, names in enumerate(self.names):
            for layer, name in enumerate(names):
                increments = torch.stack([one[part] for one in self._increments[name]], dim=1)
                products = self.step_abs.new_zeros(cells, BLOCKS, BLOCKS)
                products[:, closed, closed.mT] = increments @ increments.mT
                gram[:, number, layer] = products[:, rows, columns]
        return gram
