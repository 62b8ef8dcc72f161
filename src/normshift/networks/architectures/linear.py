"""One linear map of the normalised inputs."""

import math
from collections.abc import Callable

from torch import Tensor, nn

from normshift.networks.layer import Affine, Sites
from normshift.params import Model


class Inputs(nn.Module):
    """The inputs as a layer: normaliser, affine map if the normaliser has one, and the linear map that follows."""

    def __init__(self, inputs: int, classes: int, normaliser: Callable[[int], nn.Module]):
        super().__init__()
        self.normaliser = normaliser(inputs)
        self.affine = Affine(inputs) if self.normaliser.affine_follows else nn.Identity()
        self.linear = nn.Linear(inputs, classes, bias=False)

    def forward(self, u: Tensor) -> Sites:  # noqa: D102
        x = self.normaliser(u)
        y = self.affine(x)
        return Sites(u, x, y, y)


class Linear(nn.Module):
    """``f(u) = W (gamma x + beta)``, x the normalised inputs (Wu, Yun & Sra 2023, arXiv:2302.12444, without beta).

    Its one layer is as wide as there are inputs.
    """

    def __init__(self, model: Model, normaliser: Callable[[int], nn.Module], shape: tuple[int, ...], classes: int):
        super().__init__()
        inputs = math.prod(shape)
        if (model.depth, model.width, model.activation) != (1, inputs, "identity"):
            raise ValueError(f"model={model.name}: must have depth=1, width={inputs} (inputs), activation=identity")
        self.hidden = nn.ModuleList([Inputs(inputs, classes, normaliser)])

    def forward(self, inputs: Tensor) -> tuple[Tensor, list[Sites]]:  # noqa: D102
        sites = self.hidden[0](inputs.flatten(1))
        return self.hidden[0].linear(sites.a), [sites]
