"""Looking at the cells of a stack: forward passes that leave them as they are, and what they show."""

from typing import NamedTuple

import numpy as np

from normshift.train.compiled import affine, normalisers
from normshift.train.compiled.compiling import entry, looped
from normshift.train.compiled.network import forward
from normshift.train.compiled.rows import copy
from normshift.train.compiled.training import gather

# Which site is which, in `Shown.moments`.
U, X, Y, A = range(4)


class Stack(NamedTuple):
    """The cells that are looked at."""

    theta: np.ndarray  # (cell, place)
    running: np.ndarray  # (cell, layer, mean or variance, unit)


class Shown(NamedTuple):
    """What a look writes."""

    moments: np.ndarray  # (cell, batch, layer, site, mean or sd, unit); at u only if there is room for no more
    samples: np.ndarray  # (cell, batch, layer, u or y, sample, kept unit); none if there is no room
    loss: np.ndarray  # cross-entropy in nats (cell, batch); none if there is no room
    accuracy: np.ndarray


@looped
def moments(sample, rest, found):
    """Write mean and biased standard deviation of each unit: (sample, unit) -> (2, unit); ``rest`` (unit) is room."""
    normalisers.batch_moments(sample, found[0], found[1], rest)
    for j in range(sample.shape[1]):
        found[1, j] = np.sqrt(found[1, j])


@looped
def excursion_moments(excursion, found):
    """Turn the moments of x into those of ``s x + m``, (s, m) the excursion."""
    for j in range(found.shape[1]):
        found[0, j] = excursion[0, j] * found[0, j] + excursion[1, j]
        found[1, j] *= abs(excursion[0, j])


@looped
def site_moments(network, layer, room, disturbing, cell, number, found):
    """Write the moments of a layer's sites, (site, 2, unit); copied where a site is the one before it."""
    if normalisers.divides(network.normaliser) and network.normaliser != normalisers.AVERAGED:
        for j in range(network.width):
            found[U, 0, j] = room.mean[layer, j]
            found[U, 1, j] = np.sqrt(room.variance[layer, j])
    else:
        moments(room.u[layer], room.offset, found[U])
    if found.shape[0] > X:
        if network.normaliser == normalisers.NONE or normalisers.free(network.normaliser):
            copy(found[U, 0], found[X, 0], network.width)
            copy(found[U, 1], found[X, 1], network.width)
        elif network.normaliser == normalisers.LAYER:
            moments(room.x[layer], room.offset, found[X])
        else:
            # x is an affine map of u per unit.
            for j in range(network.width):
                found[X, 0, j] = (found[U, 0, j] - room.mean[layer, j]) * room.inverse[layer, j]
                found[X, 1, j] = found[U, 1, j] * room.inverse[layer, j]
        if network.replayed:
            excursion_moments(disturbing.excursions[cell, number, layer], found[X])
        if network.affine or network.noisy:
            moments(room.y[layer], room.offset, found[Y])
        else:
            copy(found[X, 0], found[Y, 0], network.width)
            copy(found[X, 1], found[Y, 1], network.width)
        moments(room.a[layer], room.offset, found[A])


@entry
def look(network, stack, data, noise, steps, kept, room, eps, shown):
    """Run every cell forward on its batches of some steps."""
    still = room.inputs.dtype.type(0)
    for cell in range(stack.theta.shape[0]):
        for number in range(steps.shape[0]):
            gather(data, cell, steps[number], noise, number, room)
            forward(network, stack.theta[cell], room, stack.running[cell], still, eps, data.disturbing, cell, number)
            if shown.loss.size:
                loss, accuracy = affine.cross_entropy(room.logits, room.labels, room.errors)
                shown.loss[cell, number] = loss
                shown.accuracy[cell, number] = accuracy
            for layer in range(shown.moments.shape[2]):
                site_moments(network, layer, room, data.disturbing, cell, number, shown.moments[cell, number, layer])
            for layer in range(shown.samples.shape[2]):
                for i in range(room.inputs.shape[0]):
                    for place in range(kept.shape[1]):
                        shown.samples[cell, number, layer, 0, i, place] = room.u[layer, i, kept[layer, place]]
                        shown.samples[cell, number, layer, 1, i, place] = room.y[layer, i, kept[layer, place]]
