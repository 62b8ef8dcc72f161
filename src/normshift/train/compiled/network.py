"""One network: forward, backward and update, on a flat vector of its parameters."""

from typing import NamedTuple

import numpy as np

from normshift.train.compiled import activations, affine, normalisers
from normshift.train.compiled.compiling import looped
from normshift.train.compiled.rows import clear, copy

# What of a layer comes in which column of `Network.places`.
WEIGHT, BIAS, GAMMA, BETA = range(4)
ABSENT = -1


class Network(NamedTuple):
    """What kind of network it is; numbers only, so that one compiled function serves all."""

    inputs: int
    width: int
    depth: int
    classes: int
    normaliser: int
    activation: int
    affine: bool
    noisy: bool  # whether noise is injected at y
    replayed: bool  # whether x makes excursions
    to_u: bool  # whether a forward pass ends at u of the last hidden layer
    places: np.ndarray  # (layer, parameter): where it begins in the flat vector; the last layer is the output


class Disturbing(NamedTuple):
    """What is done to activations from outside, for each number of a call; anything where nothing is done."""

    seed_of: np.ndarray  # (cell)
    noise: np.ndarray  # (seed, number, layer, scale or offset, sample, unit)
    excursions: np.ndarray  # (cell, number, layer, scale or offset, unit)


class Scratch(NamedTuple):
    """Room for a batch and what one network makes of it: sites and gradients (layer, sample, unit), and the rest."""

    inputs: np.ndarray  # (sample, input)
    labels: np.ndarray  # (sample)
    u: np.ndarray
    x: np.ndarray
    y: np.ndarray
    a: np.ndarray
    d: np.ndarray
    logits: np.ndarray  # (sample, class)
    errors: np.ndarray
    mean: np.ndarray  # (layer, sample or unit)
    inverse: np.ndarray
    variance: np.ndarray
    offset: np.ndarray  # (unit)
    slope: np.ndarray
    gamma: np.ndarray  # (layer, unit), with the excursion
    beta: np.ndarray


def scratch(network: Network, samples: int, dtype: np.dtype) -> Scratch:
    """Return room for a batch of ``samples``; without a normaliser x is u, without anything after it y is x."""
    inputs, labels = np.empty((samples, network.inputs), dtype), np.empty(samples, np.int64)
    u, x, y, a, d = (np.empty((network.depth, samples, network.width), dtype) for _ in range(5))
    x = u if network.normaliser == normalisers.NONE else x
    y = y if network.affine or network.noisy else x
    outputs = [np.empty((samples, network.classes), dtype) for _ in range(2)]
    statistics = [np.empty((network.depth, max(samples, network.width)), dtype) for _ in range(3)]
    sums = [np.empty(network.width, dtype) for _ in range(2)]
    affine = [np.empty((network.depth, network.width), dtype) for _ in range(2)]
    return Scratch(inputs, labels, u, x, y, a, d, *outputs, *statistics, *sums, *affine)


@looped
def fan_in(network, layer):
    """Return the number of inputs of a layer."""
    return network.inputs if layer == 0 else network.width


@looped
def units(network, layer):
    """Return the number of units of a layer; the last is the output."""
    return network.classes if layer == network.depth else network.width


@looped
def vector(network, theta, layer, parameter):
    """Return bias, gamma or beta of a layer; anything where there is none."""
    begin = network.places[layer, parameter]
    return theta[begin : begin + units(network, layer)]


@looped
def matrix(network, theta, layer):
    """Return the weight of a layer, (unit, input)."""
    rows, columns = units(network, layer), fan_in(network, layer)
    begin = network.places[layer, WEIGHT]
    return theta[begin : begin + rows * columns].reshape((rows, columns))


@looped
def linear(network, theta, layer, inputs, u):
    """Write ``u = inputs W' + b``."""
    np.dot(inputs, matrix(network, theta, layer).T, u)
    bias = vector(network, theta, layer, BIAS)
    for i in range(u.shape[0]):
        affine.add_bias(i, u, bias)


@looped
def statistics(network, layer, u, room, running, momentum, eps):
    """Write the mean and inverse that batch norm divides by; ``momentum`` 0 leaves the running averages as they are."""
    mean, variance = room.mean[layer], room.variance[layer]
    if network.normaliser != normalisers.AVERAGED:
        normalisers.batch_moments(u, mean, variance, room.offset)
        if momentum > 0 and normalisers.steady(network.normaliser):
            normalisers.update_averages(mean, variance, u.shape[0], momentum, running[layer])
    else:
        copy(running[layer, 0], mean, network.width)
        copy(running[layer, 1], variance, network.width)
    normalisers.invert(variance, eps, network.width, room.inverse[layer])


@looped
def scale_and_shift(network, theta, layer, room, disturbing, cell, number):
    """Return gamma and beta of a layer; with an excursion, ``x <- s x + m``, what it makes of them."""
    gamma, beta = vector(network, theta, layer, GAMMA), vector(network, theta, layer, BETA)
    if network.replayed:
        changed_gamma, changed_beta = room.gamma[layer], room.beta[layer]
        affine.with_excursion(gamma, beta, disturbing.excursions[cell, number, layer], changed_gamma, changed_beta)
        return changed_gamma, changed_beta
    return gamma, beta


@looped
def normalised(network, layer, room):
    """Return what the affine map reads: x, or u where x is what is only sent back (`free_full`)."""
    return room.u[layer] if normalisers.free(network.normaliser) else room.x[layer]


@looped
def inject(network, before, noise, y, a):
    """Write y with its noise, and a."""
    for i in range(y.shape[0]):
        affine.disturb(i, before, noise, y)
        activations.forward(network.activation, i, y, a)


@looped
def forward(network, theta, room, running, momentum, eps, disturbing, cell, number):
    """Write the sites of every layer and the logits, as far as the network goes."""
    below, seed = room.inputs, disturbing.seed_of[cell]
    for layer in range(network.depth):
        u, x, y, a = room.u[layer], room.x[layer], room.y[layer], room.a[layer]
        mean, inverse = room.mean[layer], room.inverse[layer]
        gamma, beta = scale_and_shift(network, theta, layer, room, disturbing, cell, number)
        read = normalised(network, layer, room)
        linear(network, theta, layer, below, u)
        per_unit = normalisers.divides(network.normaliser)
        if per_unit:
            statistics(network, layer, u, room, running, momentum, eps)
        if network.to_u and layer == network.depth - 1:
            return
        for i in range(u.shape[0]):
            if per_unit:
                normalisers.per_unit(i, u, mean, inverse, x)
            elif network.normaliser == normalisers.LAYER:
                normalisers.per_sample(i, u, eps, inverse, x)
            if network.affine:
                affine.forward(i, read, gamma, beta, y)
            activations.forward(network.activation, i, y, a)
        if network.noisy:
            # Once more with the noise: a branch within the loop above would cost every arm.
            inject(network, y if network.affine else read, disturbing.noise[seed, number, layer], y, a)
        below = a
    linear(network, theta, network.depth, below, room.logits)


@looped
def hidden_backward(network, theta, layer, room, gradient, disturbing, cell, number):
    """Turn ``d = da`` of a layer into du; write the gradients of gamma and beta."""
    x, a, d = room.x[layer], room.a[layer], room.d[layer]
    inverse, offset, slope = room.inverse[layer], room.offset, room.slope
    gamma = room.gamma[layer] if network.replayed else vector(network, theta, layer, GAMMA)
    read = normalised(network, layer, room)
    gamma_gradient, beta_gradient = vector(network, gradient, layer, GAMMA), vector(network, gradient, layer, BETA)
    clear(offset, network.width)
    clear(slope, network.width)
    if network.affine:
        clear(gamma_gradient, network.width)
        clear(beta_gradient, network.width)
    if network.noisy:
        noise = disturbing.noise[disturbing.seed_of[cell], number, layer]
        for i in range(d.shape[0]):
            affine.disturb_backward(i, noise, d)
    for i in range(d.shape[0]):
        activations.backward(network.activation, i, a, d)
        if network.affine:
            affine.backward(i, read, gamma, d, gamma_gradient, beta_gradient)
        if normalisers.full(network.normaliser):
            normalisers.sum_slopes(i, x, d, offset, slope)
        elif network.normaliser == normalisers.LAYER:
            normalisers.layer_backward(i, x, inverse, d)
    if normalisers.full(network.normaliser):
        for i in range(d.shape[0]):
            normalisers.batch_backward(i, x, inverse, offset, slope, d)
    elif normalisers.divides(network.normaliser):
        for i in range(d.shape[0]):
            normalisers.detached_backward(i, inverse, d)
    if network.replayed:
        affine.excursion_backward(disturbing.excursions[cell, number, layer], gamma_gradient, beta_gradient)


@looped
def linear_backward(network, layer, inputs, d, gradient):
    """Write the gradients of a layer's weight and bias from ``d = du``."""
    np.dot(d.T, inputs, matrix(network, gradient, layer))
    bias_gradient = vector(network, gradient, layer, BIAS)
    clear(bias_gradient, bias_gradient.shape[0])
    for i in range(d.shape[0]):
        affine.bias_backward(i, d, bias_gradient)


@looped
def backward(network, theta, room, gradient, disturbing, cell, number):
    """Write the gradient of every parameter from ``room.errors``, the gradient of the loss at the logits."""
    d = room.errors
    for layer in range(network.depth, -1, -1):
        if layer < network.depth:
            np.dot(d, matrix(network, theta, layer + 1), room.d[layer])
            d = room.d[layer]
            hidden_backward(network, theta, layer, room, gradient, disturbing, cell, number)
        linear_backward(network, layer, room.a[layer - 1] if layer > 0 else room.inputs, d, gradient)
