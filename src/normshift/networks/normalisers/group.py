"""Group norm (Wu & He 2018, arXiv:1803.08494) without its affine map."""

from torch import Tensor
from torch.nn.functional import group_norm

from normshift.networks.normalisers.layer import LayerNorm

MOST = 4  # groups


class GroupNorm(LayerNorm):
    """Layer norm over each group of units apart: as many groups as divide the units, at most `MOST`."""

    def __init__(self, width: int):
        super().__init__(width)
        self.groups = max(count for count in range(1, MOST + 1) if width % count == 0)

    def forward(self, u: Tensor) -> Tensor:  # noqa: D102
        return group_norm(u.movedim(-1, 1), self.groups, eps=self.eps).movedim(1, -1)
