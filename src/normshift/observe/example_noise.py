"""How much an example's activation depends on the batch that it is in."""

import numpy as np
import torch
from torch import Tensor

from normshift import seeds
from normshift.observe.moments import median, moments

# How often a probe is cut anew into batches.
PARTITIONS = 8


def partitions(root: int, samples: int, batch_size: int) -> np.ndarray:
    """Return batches of places in the probe, `PARTITIONS` times cut anew: (batch, place); none if it holds no two."""
    count = samples // batch_size
    if count < 2 or batch_size < 2:
        return np.zeros((0, batch_size), np.int32)
    draws = [seeds.generator(root, "partition", number).permutation(samples) for number in range(PARTITIONS)]
    return np.concatenate([draw[: count * batch_size].reshape(count, batch_size) for draw in draws]).astype(np.int32)


def example_noise(y: Tensor, places: np.ndarray) -> Tensor:
    """Return the noise of examples of some cells from y in every batch (cell, batch, layer, place, unit)."""
    cells, _, layers, _, units = y.shape
    where = torch.from_numpy(places).long().to(y.device).flatten()
    values = y.movedim(2, 1).flatten(2, 3)  # (cell, layer, batch x place, unit)
    size = (cells, layers, int(places.max()) + 1, units)
    index = where.reshape(1, 1, -1, 1).expand_as(values)
    times = torch.bincount(where, minlength=size[2]).to(y)[:, None]
    mean = y.new_zeros(size).scatter_add_(2, index, values) / times
    squares = y.new_zeros(size).scatter_add_(2, index, (values - mean.gather(2, index)) ** 2)
    variance = torch.where(times > 1, squares / (times - 1), torch.nan).nanmean(dim=2)
    sigma2 = (moments(y)[..., 1, :] ** 2).mean(dim=1)
    return median(torch.where(sigma2 > 0, (variance / sigma2).sqrt(), torch.nan))
