"""Where observers put what they see."""

import torch
from torch import Tensor

from normshift.observe.plan import Plan


class Found:
    """Arrays (cell, ...) as they fill; NaN where nothing was put."""

    def __init__(self, plan: Plan):
        self._plan = plan
        self.arrays: dict[str, Tensor] = {}

    def put(self, name: str, place: tuple[int, ...], size: tuple[int, ...], values: Tensor) -> None:
        """Write values (cell, ...) at a place of an array whose leading axes after `cell` have these sizes."""
        if name not in self.arrays:
            self.arrays[name] = values.new_full((values.shape[0], *size, *values.shape[1:]), torch.nan)
        self.arrays[name][(slice(None), *place)] = values

    def at_point(self, name: str, step: int, values: Tensor) -> None:
        """Write values at a point of the plan."""
        self.put(name, (self._plan.points.index(step),), (len(self._plan.points),), values)

    def at_full(self, name: str, step: int, values: Tensor) -> None:
        """Write values at a full point."""
        self.put(name, (self._plan.full.index(step),), (len(self._plan.full),), values)
