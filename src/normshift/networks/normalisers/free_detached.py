"""Nothing of batch norm forward; back, the division by sigma only."""

from torch import Tensor, nn

from normshift.networks.ways import divided, sent_back_as


class FreeDetached(nn.Module):
    """Forward ``x = u``, back ``du = dx / sigma``, ``sigma = sqrt(var_B(u) + eps)`` a constant.

    1 / sigma *is* applied on the way back, so that this way back is the one of `steady_detached`.
    """

    affine_follows = True
    noise_follows = False
    by_batch = False
    by_sample = False
    of_weights = False
    y_from_u = False
    eps = 1e-5

    def __init__(self, width: int):
        super().__init__()

    def forward(self, u: Tensor) -> Tensor:  # noqa: D102
        return sent_back_as(divided(u, self.eps), u)
