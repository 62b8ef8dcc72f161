"""Nothing of batch norm forward; back, all of it."""

from torch import Tensor

from normshift.networks.normalisers.free_detached import FreeDetached
from normshift.networks.ways import sent_back_as, standardised


class FreeFull(FreeDetached):
    """Forward ``x = u``, back ``du = (1 / sigma) (I - 11' / m - xhat xhat' / m) dx`` as through batch norm.

    ``xhat = (u - mean_B(u)) / sigma``; 1 / sigma *is* applied on the way back, as in batch norm.
    """

    def forward(self, u: Tensor) -> Tensor:  # noqa: D102
        return sent_back_as(standardised(u, self.eps), u)
