"""A small network in the manner of VGG (Simonyan & Zisserman 2015, arXiv:1409.1556)."""

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn.functional import max_pool2d

from normshift.networks.architectures.fitting import images_of
from normshift.networks.layer import Convolution, Dense, Sites
from normshift.params import Model

STAGES = (16, 32, 64)  # units of the two convolutions of each stage, before it is halved
DENSE = 128
KERNEL, PADDING, POOL = 3, 1, 2


class VGGSmall(nn.Module):
    """Three stages of two convolutions and a maximum over two by two places, one fully connected layer."""

    widths = (*(width for width in STAGES for _ in range(2)), DENSE)

    def __init__(self, model: Model, normaliser: Callable[[int], nn.Module], shape: tuple[int, ...], classes: int):
        super().__init__()
        self.shape = images_of(model, shape, self.widths, POOL ** len(STAGES))
        channels, *sides = shape
        for _ in STAGES:
            sides = [side // POOL for side in sides]
        layers, fan = [], channels
        for width in self.widths[:-1]:
            layers.append(Convolution(fan, width, normaliser, model.activation, KERNEL, PADDING))
            fan = width
        layers.append(Dense(fan * sides[0] * sides[1], DENSE, normaliser, model.activation))
        self.hidden = nn.ModuleList(layers)
        self.output = nn.Linear(DENSE, classes)

    def forward(self, inputs: Tensor) -> tuple[Tensor, list[Sites]]:  # noqa: D102
        sites, inputs = [], inputs.unflatten(1, self.shape)
        for number, layer in enumerate(self.hidden[:-1]):
            seen, inputs = layer(inputs)
            sites.append(seen)
            if number % 2:
                inputs = max_pool2d(inputs, POOL)
        sites.append(self.hidden[-1](inputs.flatten(1)))
        return self.output(sites[-1].a), sites
