"""What is done to activations from outside of a network."""

import torch
from torch import Tensor, nn

from normshift.networks.positions import grouped


class Disturbance(nn.Module):
    """``scale v + offset``, both given from outside, in training; ``v`` in evaluation.

    The two buffers, (unit) or (sample, unit), change nothing until whoever runs the network puts others in their place:
    a network draws no random numbers. All positions of a sample are disturbed alike.
    """

    def __init__(self):
        super().__init__()
        self.register_buffer("scale", torch.ones(()))
        self.register_buffer("offset", torch.zeros(()))

    def forward(self, values: Tensor) -> Tensor:  # noqa: D102
        if not self.training:
            return values
        if self.scale.dim() < 2 or len(self.scale) == len(values):
            return values * self.scale + self.offset
        by_sample = grouped(values, len(self.scale))
        return (by_sample * self.scale.unsqueeze(1) + self.offset.unsqueeze(1)).reshape(values.shape)
