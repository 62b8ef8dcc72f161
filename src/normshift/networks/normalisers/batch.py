"""Batch norm (Ioffe & Szegedy 2015, arXiv:1502.03167, Alg. 1) without its affine map."""

from torch import nn


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
