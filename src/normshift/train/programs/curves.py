"""What happened at every step of a stack's training."""

import numpy as np
import torch
from torch import Tensor

# A loss beyond this is a divergence (rule fixed beforehand: measurement, claim C27).
BOUND = 1e3


class Curves:
    """Loss in nats and accuracy on each cell's own batch before the update, (cell, step); NaN where there was none.

    ``ended`` (cell) is the step at which a cell diverged: it was not updated then or later. -1: it did not.
    """

    def __init__(self, cells: int, steps: int, dtype: torch.dtype, device: str):
        self.loss = torch.full((cells, steps), torch.nan, dtype=dtype, device=device)
        self.accuracy = torch.full_like(self.loss, torch.nan)
        self.ended = torch.full((cells,), -1, dtype=torch.int32, device=device)

    @property
    def alive(self) -> Tensor:
        """Which cells have not diverged."""
        return self.ended < 0

    def add(self, step: int, loss: Tensor, accuracy: Tensor) -> Tensor:
        """Take in a step; return which cells may be updated."""
        going = self.alive
        nothing = torch.full_like(loss, torch.nan)
        self.loss[:, step] = torch.where(going, loss, nothing)
        self.accuracy[:, step] = torch.where(going, accuracy, nothing)
        # False for NaN as well.
        self.ended = torch.where(going & ~(loss <= BOUND), step, self.ended)
        return self.alive

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays of `records.CELL`."""
        losses = {"training_loss": self.loss, "training_accuracy": self.accuracy}
        real = {name: value.to("cpu", torch.float32).numpy() for name, value in losses.items()}
        return {"diverged_step": self.ended.cpu().numpy(), **real}
