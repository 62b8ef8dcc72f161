"""A small residual network (He et al. 2016, arXiv:1512.03385 and 1603.05027)."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, pad

from normshift.networks.architectures.fitting import images_of
from normshift.networks.layer import Convolution, Sites
from normshift.params import Model

STAGES = (16, 32, 64)
KERNEL, PADDING = 3, 1


class ResNetSmall(nn.Module):
    """A convolution, then a block of two for each stage; each stage but the first halves the image.

    The nonlinearity comes before the sum (1603.05027, Fig. 4c), so that y is its input here as everywhere. Shortcuts
    have no parameters: means over two by two places, zeros for new units. A normaliser that scales branches gives each
    a scalar that begins at 0 (SkipInit).
    """

    widths = (STAGES[0], *(width for width in STAGES for _ in range(2)))

    def __init__(self, model: Model, normaliser: Callable[[int], nn.Module], shape: tuple[int, ...], classes: int):
        super().__init__()
        self.shape = images_of(model, shape, self.widths)

        def layer(fan: int, width: int, stride: int = 1) -> Convolution:
            return Convolution(fan, width, normaliser, model.activation, KERNEL, PADDING, stride)

        layers, fan = [layer(shape[0], STAGES[0])], STAGES[0]
        for width in STAGES:
            layers += [layer(fan, width, width // fan), layer(width, width)]
            fan = width
        self.hidden = nn.ModuleList(layers)
        scaled = getattr(normaliser, "scales_branches", False)
        self.branches = nn.ParameterList([nn.Parameter(torch.zeros(())) for _ in STAGES] if scaled else [])
        self.output = nn.Linear(fan, classes)

    def forward(self, inputs: Tensor) -> tuple[Tensor, list[Sites]]:  # noqa: D102
        seen, stream = self.hidden[0](inputs.unflatten(1, self.shape))
        sites = [seen]
        for stage in range(len(STAGES)):
            branch, first = stream, 1 + 2 * stage
            for layer in self.hidden[first : first + 2]:
                seen, branch = layer(branch)
                sites.append(seen)
            if len(self.branches):
                branch = self.branches[stage] * branch
            stream = shortcut(stream, branch.shape[1]) + branch
        return self.output(stream.mean((2, 3))), sites


def shortcut(stream: Tensor, width: int) -> Tensor:
    """Return what goes past a block: itself, or half as large with zeros for the units that are new."""
    new = width - stream.shape[1]
    return pad(avg_pool2d(stream, 2, ceil_mode=True), (0, 0, 0, 0, 0, new)) if new else stream
