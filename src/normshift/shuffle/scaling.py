"""How inputs are scaled: what is written of them, and what training subtracts and divides by."""

from collections.abc import Callable, Sequence

import numpy as np

Scaled = tuple[np.ndarray, np.ndarray]
Range = tuple[float, float]
EIGHT_BIT = (0.0, 255.0)


def written(images: np.ndarray, how: str) -> np.ndarray:
    """Return the inputs (sample, input) as they are kept: as they came; if binary, 1 above the middle of their range.

    All else is done where they are read, so that eight bits an input stay eight bits.
    """
    return (images > sum(extremes(images)) / 2).astype(np.uint8) if how == "binary" else images


def extremes(images: np.ndarray) -> Range:
    """Return black and white: 0 and 255 of eight-bit images, else the smallest and the largest value there is."""
    return EIGHT_BIT if images.dtype == np.uint8 else (float(images.min()), float(images.max()))


def standardised(inputs: np.ndarray, shape: Sequence[int] | None, whole: Range) -> Scaled:
    """Return mean and standard deviation of each input over the training split; a constant input keeps scale 1."""
    return inputs.mean(axis=0, dtype=np.float64), inputs.std(axis=0, dtype=np.float64)


def channels(inputs: np.ndarray, shape: Sequence[int] | None, whole: Range) -> Scaled:
    """Return mean and standard deviation of each channel over the training split and all places; one if no shape.

    So an input that hardly varies there is not blown up: with a scale of its own each, MNIST's test images reach 22,000
    standard deviations (LOG.md).
    """
    planes = inputs.reshape(len(inputs), shape[0] if shape else 1, -1)
    each = [(plane.mean(dtype=np.float64), plane.std(dtype=np.float64)) for plane in np.moveaxis(planes, 1, 0)]
    center, scale = np.repeat(each, planes.shape[2], axis=0).T
    return center, scale


def grey(inputs: np.ndarray, shape: Sequence[int] | None, whole: Range) -> Scaled:
    """Return black and white less black, so that inputs go from 0 to 1."""
    return np.full(inputs.shape[1], whole[0]), np.full(inputs.shape[1], whole[1] - whole[0])


def binary(inputs: np.ndarray, shape: Sequence[int] | None, whole: Range) -> Scaled:
    """Return 0 and 1: inputs are 0 or 1 already."""
    return np.zeros(inputs.shape[1]), np.ones(inputs.shape[1])


REGISTRY: dict[str, Callable[[np.ndarray, Sequence[int] | None, Range], Scaled]] = {
    "binary": binary,
    "channels": channels,
    "grey": grey,
    "standardised": standardised,
}


def scaling(inputs: np.ndarray, how: str, shape: Sequence[int] | None, whole: Range) -> Scaled:
    """Return what is subtracted and divided by, (input) each, given a training split; never 0, where nothing varies."""
    center, scale = REGISTRY[how](inputs, shape, whole)
    return center.astype(np.float32), np.where(scale == 0, 1, scale).astype(np.float32)
