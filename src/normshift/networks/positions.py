"""Where the activations of a convolution become rows: each position of each sample is one, as `BatchNorm2d` takes it.

Whatever normalises, shifts or looks at activations sees (row, unit), a unit being a channel. A fully connected layer
has one position a sample, so that its rows are its samples.
"""

from torch import Tensor


def rows(images: Tensor) -> Tensor:
    """Return what stands at every position, sample by sample: (sample, unit, height, width) -> (row, unit)."""
    return images.movedim(1, -1).flatten(0, 2)


def images(rows: Tensor, height: int, width: int) -> Tensor:
    """Return rows as images again: (row, unit) -> (sample, unit, height, width)."""
    return rows.unflatten(0, (-1, height, width)).movedim(-1, 1)


def grouped(rows: Tensor, samples: int) -> Tensor:
    """Return the rows of each sample together: (row, unit) -> (sample, position, unit)."""
    return rows.unflatten(0, (samples, -1))
