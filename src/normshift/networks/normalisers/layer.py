"""Layer norm (Ba et al. 2016, arXiv:1607.06450) without its affine map."""

from torch import nn


class LayerNorm(nn.LayerNorm):
    """``x = (u - mean(u)) / sqrt(var(u) + eps)`` over the units of one sample."""

    affine_follows = True
    noise_follows = False
    by_batch = False
    y_from_u = False

    def __init__(self, width: int):
        super().__init__(width, elementwise_affine=False)
