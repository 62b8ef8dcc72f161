"""What is done to activations from outside of a network."""

import torch
from torch import Tensor, nn

from normshift.networks.positions import grouped


class Disturbance(nn.Module):
    """``scale v + offset``, both given from outside, in training; ``v`` in evaluation.

    The two buffers, (unit) or (sample, unit), change nothing until whoever runs the network puts others in their place:
    a network draws no random numbers. All positions of a sample are disturbed alike, and of what is given only the
    first units are taken where there are fewer.
    """

    def __init__(self):
        super().__init__()
        self.register_buffer("scale", torch.ones(()))
        self.register_buffer("offset", torch.zeros(()))

    def forward(self, values: Tensor) -> Tensor:  # noqa: D102
        if not self.training:
            return values
        if not self.scale.dim():
            return values * self.scale + self.offset
        scale, offset = (given[..., : values.shape[-1]] for given in (self.scale, self.offset))
        if scale.dim() < 2 or len(scale) == len(values):
            return values * scale + offset
        by_sample = grouped(values, len(scale))
        return (by_sample * scale.unsqueeze(1) + offset.unsqueeze(1)).reshape(values.shape)
