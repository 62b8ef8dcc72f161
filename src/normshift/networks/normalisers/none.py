"""No normalisation."""

from torch import nn


class NoNorm(nn.Identity):
    """``x = u``, and no gamma and beta after it."""

    affine_follows = False
    noise_follows = False
    by_batch = False
    by_sample = False
    of_weights = False
    y_from_u = True
    scales_branches = False

    def __init__(self, width: int):
        super().__init__()
