"""The one place where the activations of any network become rows (row, unit); see `networks.positions`."""

import torch
from torch import Tensor

from normshift.observe.ragged import GOLDEN, one_each


def rows(activation: Tensor, axis: int) -> Tensor:
    """Return every position of every sample: (sample, unit, height, width) or (sample, time, unit), ... -> (row, unit).

    Sample by sample, as `networks.positions.rows` does it, but where there are several positions a unit's rows lie
    beside one another: sums over them are then quick, and as exact in single precision as in double (LOG.md).
    """
    if activation.dim() == 1:
        return activation[:, None]
    if activation.dim() == 2:
        return activation
    return activation.movedim(axis, 0).flatten(1).contiguous().mT


def at_most(rows: Tensor, count: int) -> Tensor:
    """Return so many rows at most, (row, unit), of larger samples the same whenever they are looked at.

    Their numbers are the fractions of the golden ratio's multiples, so that no column of an image is preferred.
    """
    if len(rows) <= count:
        return rows
    places = (torch.arange(count, dtype=torch.double) * GOLDEN % 1 * len(rows)).long()
    return rows.index_select(0, places.to(rows.device))


def sampled(rows: Tensor, samples: int) -> Tensor:
    """Return one position of each sample as `train` takes it, (row, unit) -> (sample, unit); all rows if none is."""
    return one_each(rows, samples) if len(rows) >= samples and len(rows) % samples == 0 else rows
