"""Layers of different widths side by side, and samples of layers with several positions a sample."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import pad

# Of a sample's positions the one whose number is the fraction of a multiple of this: they are all taken equally often.
GOLDEN = (5**0.5 - 1) / 2


def side_by_side(layers: Sequence[Tensor], axis: int = 1) -> Tensor:
    """Stack layers (cell, ..., unit) along an axis; NaN stands beyond a layer's own units, up to the widest one's."""
    widest = max(layer.shape[-1] for layer in layers)
    return torch.stack([pad(layer, (0, widest - layer.shape[-1]), value=torch.nan) for layer in layers], axis)


def one_each(site: Tensor, samples: int) -> Tensor:
    """Return one position of each sample, the same whenever it is looked at: (cell, row, unit) -> (cell, sample, unit).

    A layer with one position a sample is returned as it is.
    """
    positions = site.shape[-2] // samples
    if positions == 1:
        return site
    sample = torch.arange(samples, device=site.device)
    return site.index_select(-2, sample * positions + (sample * GOLDEN % 1 * positions).long())
