"""Root mean square norm (Zhang & Sennrich 2019, arXiv:1910.07467) without its gain."""

import torch
from torch import Tensor

from normshift.networks.normalisers.layer import LayerNorm


class RMSNorm(LayerNorm):
    """``x = u / sqrt(mean(u^2) + eps)`` over the units of one sample, at all its positions together."""

    def forward(self, u: Tensor) -> Tensor:  # noqa: D102
        over = tuple(range(1, u.dim()))
        return u * torch.rsqrt((u * u).mean(over, keepdim=True) + self.eps)
