"""Whether a network of fixed layers fits what is said of it and what it is given."""

from collections.abc import Sequence

from normshift.params import Model


def images_of(model: Model, shape: tuple[int, ...], widths: Sequence[int], least: int = 1) -> tuple[int, ...]:
    """Return the shape of a sample, an image (channel, height, width), or raise ``ValueError``."""
    if len(shape) != 3 or min(shape[1:]) < least:
        size = "x".join(map(str, shape))
        raise ValueError(f"model={model.name}: needs images of at least {least} by {least}; a sample is {size}")
    if (model.depth, model.width) != (len(widths), max(widths)):
        raise ValueError(f"model={model.name}: must have depth={len(widths)}, width={max(widths)} (its widest layer)")
    return shape
