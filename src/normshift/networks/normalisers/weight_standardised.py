"""Scaled weight standardisation (Qiao et al. 2019, arXiv:1903.10520; Brock et al. 2021, arXiv:2101.08692)."""

from torch import Tensor, nn


class WeightStandardised(nn.Module):
    """``x = u``, u made by weights whose mean over a unit's inputs is 0, whose variance that of where they started.

    The layer standardises them whenever it is run (`layer.Layer.mapped`): what is learnt are the weights before.
    """

    affine_follows = True
    noise_follows = False
    by_batch = False
    by_sample = False
    of_weights = True
    y_from_u = False
    eps = 1e-5

    def __init__(self, width: int):
        super().__init__()

    def forward(self, u: Tensor) -> Tensor:  # noqa: D102
        return u
