"""LeNet as Dive into Deep Learning normalises it (chapter 8.5): two convolutions and two fully connected layers."""

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from normshift.networks.architectures.fitting import images_of
from normshift.networks.layer import Convolution, Dense, Sites
from normshift.params import Model

CONVOLUTIONS = (6, 16)
DENSE = (120, 84)
KERNEL, POOL = 5, 2
LEAST = 16  # pixels a side: below it nothing is left after the second convolution


class LeNet(nn.Module):
    """Each convolution is normalised, activated and pooled by its mean; each layer before the last is normalised."""

    widths = (*CONVOLUTIONS, *DENSE)

    def __init__(self, model: Model, normaliser: Callable[[int], nn.Module], shape: tuple[int, ...], classes: int):
        super().__init__()
        self.shape = images_of(model, shape, self.widths, LEAST)
        channels, *sides = shape
        for _ in CONVOLUTIONS:
            sides = [(side - KERNEL + 1) // POOL for side in sides]
        fans = (channels, *CONVOLUTIONS)
        flat = (CONVOLUTIONS[-1] * sides[0] * sides[1], *DENSE)
        self.hidden = nn.ModuleList(
            [
                *(Convolution(fan, width, normaliser, model.activation, KERNEL) for fan, width in _pairs(fans)),
                *(Dense(fan, width, normaliser, model.activation) for fan, width in _pairs(flat)),
            ]
        )
        self.output = nn.Linear(DENSE[-1], classes)

    def forward(self, inputs: Tensor) -> tuple[Tensor, list[Sites]]:  # noqa: D102
        sites, inputs = [], inputs.unflatten(1, self.shape)
        for layer in self.hidden:
            if isinstance(layer, Convolution):
                seen, inputs = layer(inputs)
                inputs = avg_pool2d(inputs, POOL)
            else:
                seen = layer(inputs.flatten(1))
                inputs = seen.a
            sites.append(seen)
        return self.output(inputs), sites


def _pairs(sizes: tuple[int, ...]) -> list[tuple[int, int]]:
    return list(zip(sizes, sizes[1:], strict=False))
