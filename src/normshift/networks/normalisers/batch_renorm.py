"""Batch renormalisation (Ioffe 2017, arXiv:1702.03275, Alg. 1) without its affine map."""

import torch
from torch import Tensor

from normshift.networks.normalisers.batch import BatchNorm

# Of the correction: at first none, then growing to what the paper ends with. Its steps are a hundred times as many.
R_MOST, D_MOST = 3.0, 5.0
BEGIN, END = 50, 400  # updates


class BatchRenorm(BatchNorm):
    """``x = (u - mean_B(u)) / sigma_B r + d``: batch norm forward, as if by the running averages, within bounds.

    ``r = clip(sigma_B / sigma, 1 / r_max, r_max)``, ``d = clip((mean_B - mean) / sigma, -d_max, d_max)``, both
    constants on the way back; mean and sigma are the running ones before this batch.
    """

    y_from_u = False

    def forward(self, u: Tensor) -> Tensor:  # noqa: D102
        if not self.training:
            return super().forward(u)
        mean, sigma = self.running_mean.clone(), torch.sqrt(self.running_var + self.eps)
        share = ((self.num_batches_tracked - BEGIN) / (END - BEGIN)).clamp(0, 1)
        own, spread = u.detach().mean(0), torch.sqrt(u.detach().var(0, correction=0) + self.eps)
        r_most, d_most = 1 + (R_MOST - 1) * share, D_MOST * share
        r = torch.minimum(torch.maximum(spread / sigma, 1 / r_most), r_most)
        d = torch.minimum(torch.maximum((own - mean) / sigma, -d_most), d_most)
        return super().forward(u) * r + d
