"""What is done to activations from outside of a network."""

import torch
from torch import Tensor, nn


class Disturbance(nn.Module):
    """``scale v + offset``, both given from outside, in training; ``v`` in evaluation.

    The two buffers, (unit) or (sample, unit), change nothing until whoever runs the network puts others in their place:
    a network draws no random numbers.
    """

    def __init__(self):
        super().__init__()
        self.register_buffer("scale", torch.ones(()))
        self.register_buffer("offset", torch.zeros(()))

    def forward(self, values: Tensor) -> Tensor:  # noqa: D102
        return values * self.scale + self.offset if self.training else values
