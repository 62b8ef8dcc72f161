"""Multi-layer perceptron."""

import math
from collections.abc import Callable

from torch import Tensor, nn

from normshift.networks.layer import Dense, Sites
from normshift.params import Model


class MLP(nn.Module):
    """``depth`` hidden layers of ``width`` units, then a linear map to the classes."""

    def __init__(self, model: Model, normaliser: Callable[[int], nn.Module], shape: tuple[int, ...], classes: int):
        super().__init__()
        widths = [math.prod(shape), *[model.width] * model.depth]
        self.hidden = nn.ModuleList(
            Dense(fan_in, width, normaliser, model.activation)
            for fan_in, width in zip(widths, widths[1:], strict=False)
        )
        self.output = nn.Linear(model.width, classes)

    def forward(self, inputs: Tensor) -> tuple[Tensor, list[Sites]]:  # noqa: D102
        sites = []
        inputs = inputs.flatten(1)
        for layer in self.hidden:
            sites.append(layer(inputs))
            inputs = sites[-1].a
        return self.output(inputs), sites
