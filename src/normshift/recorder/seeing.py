"""What is kept of each layer: moments of all units and order statistics of a few, at each site."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from normshift import records, seeds
from normshift.observe import identity, moments
from normshift.recorder import batch as batches
from normshift.recorder.layer import Layer, Place, places
from normshift.recorder.looking import Averages, look, of_batch, running
from normshift.recorder.rows import at_most, rows, sampled

SITES, X = records.SITES, records.SITES.index("x")
POPULATION = 1024  # samples at most over which exact statistics are taken: of each batch equally many
BYTES = 4  # of a number


class Seen(NamedTuple):
    """A layer at its sites (u, x, y, a), NaN where it has none."""

    moments: Tensor  # (site, 2, unit)
    quantiles: Tensor  # (site, kept unit, level)


def kept_units(layers: Sequence[Layer], root: int) -> list[np.ndarray]:
    """Return the units kept of each layer, (kept unit) each, drawn as `train` draws them."""
    draws = [
        seeds.generator(root, "kept", number, one.units).permutation(one.units) for number, one in enumerate(layers)
    ]
    return [np.sort(draw[: records.KEPT]).astype(np.int32) for draw in draws]


def see(
    model: nn.Module,
    batch: Any,
    layers: tuple[Layer, ...],
    kept: Sequence[np.ndarray],
    memory: int,
    mode: str = "batch",
    averages: Averages | None = None,
) -> list[Seen]:
    """Return what a batch shows of each layer, ``memory`` bytes at most of each site at a time.

    `Refused` where the model does not run as it did when its layers were found.
    """
    known = {place: (layers[number], kept[number], axis) for place, number, axis in places(layers)}
    samples, levels = batches.samples(batch), torch.from_numpy(records.LEVELS)

    def read(place: Place, tensor: Tensor) -> tuple[Tensor, Tensor]:
        layer, units, axis = known[place]
        if (now := tensor.shape[axis] if tensor.dim() > 1 else 1) != layer.units:
            raise batches.Refused(f"the model has changed: {layer.name} had {layer.units} units, now {now}")
        whole = rows(tensor, axis)
        whole = whole if whole.dtype == torch.double else whole.float()
        return summary(whole, samples, units, levels, memory)

    found = look(model, batch, known, read, mode, averages)
    if missing := sorted({known[place][0].name for place in set(known) - set(found)}):
        raise batches.Refused(f"the model has changed: {', '.join(missing)} no longer runs on the probe")
    return [_layer(layer, found, _used(model, layer, mode, averages)) for layer in layers]


def summary(whole: Tensor, samples: int, units: np.ndarray, levels: Tensor, memory: int) -> tuple[Tensor, Tensor]:
    """Return moments (2, unit) and order statistics (kept unit, level) of rows (row, unit).

    Order statistics are of one position of each sample, as `train` takes them.
    """
    few = sampled(whole[:, torch.from_numpy(units).long().to(whole.device)], samples)
    whole = at_most(whole, max(1, memory // (BYTES * whole.shape[1])))
    own = moments.moments(whole).float()
    return own.cpu(), moments.order_statistics(few, levels.to(few.device)).float().cpu()


def _layer(layer: Layer, found: Mapping[Place, tuple[Tensor, Tensor]], used: Tensor | None) -> Seen:
    """Return the sites of a layer side by side; x as batch norm makes it of u (Ioffe & Szegedy 2015, Alg. 1)."""
    moments, quantiles = next(found[place] for place in layer.places.values())
    blank = torch.full_like(moments, torch.nan), torch.full_like(quantiles, torch.nan)
    own, few = ([*part] for part in zip(*(found.get(layer.places.get(site), blank) for site in SITES), strict=True))
    if layer.by_batch:
        mean, variance = _moments_used(own[0]) if used is None else used
        own[X] = identity.predicted(own[0], torch.ones_like(mean), torch.zeros_like(mean), mean, variance, layer.eps)
    return Seen(torch.stack(own), torch.stack(few))


def _moments_used(u: Tensor) -> tuple[Tensor, Tensor]:
    mean, sd = u.unbind(-2)
    return mean, sd**2


def _used(model: nn.Module, layer: Layer, mode: str, averages: Averages | None) -> tuple[Tensor, Tensor] | None:
    """Return mean and variance that normalise a layer; none: its own."""
    if mode == "batch" or layer.normaliser not in of_batch(model):
        return None
    found = running(model, layer.normaliser) if mode == "ema" else averages[layer.normaliser]
    return tuple(value.cpu() for value in found)


def noise(model: nn.Module, several: Sequence[Any], layers: tuple[Layer, ...], memory: int) -> list[Tensor]:
    """Return the noise of each layer's statistics between batches at fixed weights (site, 3); see `moments.noise`."""
    nothing = [np.zeros(0, np.int32)] * len(layers)
    looks = [see(model, one, layers, nothing, memory) for one in several]
    stacked = [torch.stack([one[number].moments for one in looks]) for number in range(len(layers))]
    return [moments.noise(one, layer.y_from_u) for one, layer in zip(stacked, layers, strict=True)]


def exact(model: nn.Module, several: Sequence[Any], memory: int) -> dict[str, tuple[Tensor, Tensor]]:
    """Return mean and variance of each batch-normalised input over several batches, by the normaliser's name.

    They are seen as one batch normalised by itself, so that every layer gets what it gets under exact statistics
    (`observe.forward.population`). A normaliser that runs several times has the moments of all its inputs together.
    """
    whole, names = batches.concatenated(list(several), POPULATION), of_batch(model)

    def read(place: Place, tensor: Tensor) -> tuple[int, Tensor]:
        found = rows(tensor, 1).float()
        found = at_most(found, max(1, memory // (BYTES * found.shape[1])))
        return len(found), moments.moments(found).float()

    parts = look(model, whole, names, read)
    found = {}
    for name in names:
        own = [part for place, part in parts.items() if place.module == name]
        if own:
            found[name] = _moments_used(moments.pooled(own))
    return found
