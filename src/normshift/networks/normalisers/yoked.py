"""Batch norm that is given back the excursions of another network's moments."""

from torch import Tensor

from normshift.networks.disturbance import Disturbance
from normshift.networks.normalisers.batch import BatchNorm


class Yoked(BatchNorm):
    """Batch norm, then ``x <- scale_j x + offset_j`` in training: the excursion of a step, (unit) each.

    Excursions come from outside: those of the same cell without normaliser (`train.replay`).
    """

    y_from_u = False

    def __init__(self, width: int):
        super().__init__(width)
        self.excursion = Disturbance()

    def forward(self, u: Tensor) -> Tensor:  # noqa: D102
        return self.excursion(super().forward(u))
