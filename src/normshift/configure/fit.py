"""Which studies of a run cannot be trained on its data, or on the network chosen for it, and why.

What architectures refuse, known before any of them is loaded.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from normshift.params import Cell, Data, Refused

IMAGES = {"lenet": 16, "resnet_small": 1, "vgg_small": 8}  # kinds with layers of their own -> least pixels a side


class Unfit(Refused):
    """Studies that cannot be trained here; ``reasons`` says why, by study."""

    def __init__(self, reasons: dict[str, str]):
        super().__init__([f"studies={name}: {reason}: leave it out" for name, reason in reasons.items()])
        self.reasons = reasons


def unfit(cells: Sequence[Cell], data: Data, own: dict[str, tuple[int, int]]) -> str | None:
    """Return why cells cannot be trained, the first reason there is; None where they can.

    ``own`` has the depth and width of each model as its file says them.
    """
    return next(_reasons(cells, data, own), None)


def _reasons(cells: Sequence[Cell], data: Data, own: dict[str, tuple[int, int]]) -> Iterator[str]:
    for model in dict.fromkeys(cell.model for cell in cells):
        if model.kind in IMAGES:
            yield from _image_faults(model.name, IMAGES[model.kind], data)
            if (model.depth, model.width) != own[model.name]:
                yield f"varies depth or width, and model={model.name} has layers of its own"
        elif model.kind == "linear" and data.shape and model.width != math.prod(data.shape):
            inputs = math.prod(data.shape)
            yield f"model={model.name} has {model.width} inputs, a sample of data={data.name} has {inputs}"


def _image_faults(name: str, least: int, data: Data) -> Iterator[str]:
    if data.shape is None and data.kind not in ("folder", "openml"):
        yield f"model={name} needs images, and data={data.name} has none"
    elif data.shape is not None and (len(data.shape) != 3 or min(data.shape[1:]) < least):
        size = "x".join(map(str, data.shape))
        yield f"model={name} needs images of at least {least} by {least}; a sample of data={data.name} is {size}"


def own_sizes(groups: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[int, int]]:
    """Return the depth and width of each model as its file says them."""
    return {name: (model["depth"], model["width"]) for name, model in groups["model"].items()}
