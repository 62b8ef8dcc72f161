"""Layer norm (Ba et al. 2016, arXiv:1607.06450) without its affine map."""

from torch import Tensor, nn
from torch.nn.functional import layer_norm


class LayerNorm(nn.Module):
    """``x = (u - mean(u)) / sqrt(var(u) + eps)`` over the units of one sample, at all its positions together."""

    affine_follows = True
    noise_follows = False
    by_batch = False
    by_sample = True
    of_weights = False
    y_from_u = False
    eps = 1e-5

    def __init__(self, width: int):
        super().__init__()

    def forward(self, u: Tensor) -> Tensor:  # noqa: D102
        return layer_norm(u, u.shape[1:], eps=self.eps)
