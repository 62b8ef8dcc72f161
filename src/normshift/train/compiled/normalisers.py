"""Normalisers from u to x and the way back.

``mean`` and ``inverse``, 1 / sqrt(variance + eps), are of each unit or of each sample. Whatever has an ``i`` does that
one sample.
"""

import numpy as np

from normshift.train.compiled.compiling import looped
from normshift.train.compiled.rows import clear

NONE, BATCH, LAYER = range(3)
# Batch norm in evaluation: by its running averages, or by others in their place.
AVERAGED = 3
# Batch norm forward without its gradient through the moments; x = u forward, and back as that, or as batch norm.
STEADY_DETACHED, FREE_DETACHED, FREE_FULL = range(4, 7)
# What disturbs them from outside is told apart (`network.Disturbing`).
CODES = {
    "none": NONE,
    "batch": BATCH,
    "layer": LAYER,
    "noisy": BATCH,
    "none_noisy": NONE,
    "yoked": BATCH,
    "steady_detached": STEADY_DETACHED,
    "free_detached": FREE_DETACHED,
    "free_full": FREE_FULL,
}


@looped
def divides(kind):
    """Say whether moments of the batch, or others in their place, divide x or its gradient."""
    return kind != NONE and kind != LAYER


@looped
def steady(kind):
    """Say whether x has the moments of the batch, or others in their place, taken out."""
    return kind == BATCH or kind == AVERAGED or kind == STEADY_DETACHED


@looped
def free(kind):
    """Say whether what follows reads u."""
    return kind == FREE_DETACHED or kind == FREE_FULL


@looped
def full(kind):
    """Say whether the way back is batch norm's."""
    return kind == BATCH or kind == FREE_FULL


@looped
def batch_moments(u, mean, variance, rest):
    """Write each unit's mean and biased variance over the batch; ``rest`` (unit) is room.

    Two passes; the second also sums what rounding left over in the mean (Chan, Golub & LeVeque 1983, eq. 1.7).
    """
    samples, units = u.shape
    count, zero = u.dtype.type(samples), u.dtype.type(0)
    clear(mean, units)
    clear(variance, units)
    clear(rest, units)
    for i in range(samples):
        for j in range(units):
            mean[j] += u[i, j]
    for j in range(units):
        mean[j] /= count
    for i in range(samples):
        for j in range(units):
            deviation = u[i, j] - mean[j]
            rest[j] += deviation
            variance[j] += deviation * deviation
    for j in range(units):
        left = rest[j] / count
        mean[j] += left
        square = variance[j] / count - left * left
        variance[j] = zero if square < zero else square


@looped
def update_averages(mean, variance, samples, momentum, running):
    """Move the running mean and unbiased variance, (2, unit), towards those of a batch."""
    keep = running.dtype.type(1) - momentum
    unbiased = running.dtype.type(samples) / running.dtype.type(samples - 1)
    for j in range(running.shape[1]):
        running[0, j] = keep * running[0, j] + momentum * mean[j]
        running[1, j] = keep * running[1, j] + momentum * unbiased * variance[j]


@looped
def invert(variance, eps, units, inverse):
    """Write ``inverse`` of each unit."""
    for j in range(units):
        inverse[j] = variance.dtype.type(1) / np.sqrt(variance[j] + eps)


@looped
def per_unit(i, u, mean, inverse, x):
    """Write ``x = (u - mean) inverse`` with moments of each unit (Ioffe & Szegedy 2015, Alg. 1)."""
    for j in range(u.shape[1]):
        x[i, j] = (u[i, j] - mean[j]) * inverse[j]


@looped
def per_sample(i, u, eps, inverse, x):
    """Write ``x = (u - mean) inverse`` with the moments of the sample over its units (Ba et al. 2016)."""
    units = u.shape[1]
    count = u.dtype.type(units)
    total, squares = u.dtype.type(0), u.dtype.type(0)
    for j in range(units):
        total += u[i, j]
    mean = total / count
    for j in range(units):
        deviation = u[i, j] - mean
        squares += deviation * deviation
    inverse[i] = u.dtype.type(1) / np.sqrt(squares / count + eps)
    for j in range(units):
        x[i, j] = (u[i, j] - mean) * inverse[i]


@looped
def sum_slopes(i, x, d, offset, slope):
    """Add a sample to the sums over the batch of dx and ``dx x``."""
    for j in range(x.shape[1]):
        offset[j] += d[i, j]
        slope[j] += d[i, j] * x[i, j]


@looped
def batch_backward(i, x, inverse, offset, slope, d):
    """Turn ``d = dx`` into ``du = inverse (dx - <dx> - x <dx x>)``, <> over the batch (Ioffe & Szegedy, section 3).

    ``offset`` and ``slope`` are the two sums over the batch.
    """
    share = x.dtype.type(1) / x.dtype.type(x.shape[0])
    for j in range(x.shape[1]):
        d[i, j] = inverse[j] * (d[i, j] - share * (offset[j] + x[i, j] * slope[j]))


@looped
def detached_backward(i, inverse, d):
    """Turn ``d = dx`` into ``du = inverse dx``."""
    for j in range(d.shape[1]):
        d[i, j] *= inverse[j]


@looped
def layer_backward(i, x, inverse, d):
    """Turn ``d = dx`` into ``du = inverse (dx - <dx> - x <dx x>)``, <> over the units of the sample."""
    units = x.shape[1]
    share = x.dtype.type(1) / x.dtype.type(units)
    offset, slope = x.dtype.type(0), x.dtype.type(0)
    for j in range(units):
        offset += d[i, j]
        slope += d[i, j] * x[i, j]
    for j in range(units):
        d[i, j] = inverse[i] * (d[i, j] - share * (offset + x[i, j] * slope))
