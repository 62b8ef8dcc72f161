"""Batch norm (Ioffe & Szegedy 2015, arXiv:1502.03167, Alg. 1) without its affine map."""

from torch import Tensor, nn

# Beyond so many rows sums in single precision err by 1e-4 unless a unit's rows lie beside one another (LOG.md).
MANY = 4096


class BatchNorm(nn.BatchNorm1d):
    """``x = (u - mean_B(u)) / sqrt(var_B(u) + eps)`` over the batch, biased; running averages in evaluation."""

    affine_follows = True
    noise_follows = False
    by_batch = True
    by_sample = False
    of_weights = False
    y_from_u = True

    def __init__(self, width: int):
        super().__init__(width, affine=False)

    def forward(self, u: Tensor) -> Tensor:  # noqa: D102
        return super().forward(u) if len(u) <= MANY else super().forward(u.mT.unsqueeze(0)).squeeze(0).mT
