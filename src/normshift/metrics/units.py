"""From the units of a layer (the last axis) to the layer. Units without a value, such as constant ones, are ignored."""

import numpy as np
from numpy.typing import NDArray


def median(values: NDArray) -> NDArray:
    """Return the median of the numbers: (..., unit) -> (...); NaN if there is none."""
    ordered = np.sort(values, axis=-1)  # NaN comes last
    count = (~np.isnan(values)).sum(axis=-1, keepdims=True)
    middle = (np.maximum(count - 1, 0) // 2, count // 2)
    low, high = (np.take_along_axis(ordered, place, axis=-1) for place in middle)
    return (low + (high - low) / 2)[..., 0]


def mean(values: NDArray) -> NDArray:
    """Return the mean of the numbers: (..., unit) -> (...); NaN if there is none."""
    numbers = ~np.isnan(values)
    count = numbers.sum(axis=-1)
    return np.where(numbers, values, 0.0).sum(axis=-1) / np.where(count > 0, count, np.nan)


def largest(values: NDArray) -> NDArray:
    """Return the largest of the numbers: (..., unit) -> (...); NaN if there is none."""
    return np.fmax.reduce(values, axis=-1)
