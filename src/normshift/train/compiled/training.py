"""Training the cells of a stack: one compiled function, cell after cell, step after step."""

from typing import NamedTuple

import numpy as np

from normshift.train.compiled import affine
from normshift.train.compiled.compiling import entry, looped
from normshift.train.compiled.descending import direction
from normshift.train.compiled.network import (
    ABSENT,
    BETA,
    BIAS,
    GAMMA,
    WEIGHT,
    Disturbing,
    backward,
    forward,
    matrix,
    vector,
)
from normshift.train.compiled.rows import copy


class State(NamedTuple):
    """What training changes, per cell."""

    theta: np.ndarray  # (cell, place)
    running: np.ndarray  # (cell, layer, mean or variance, unit)
    affine_gradients: np.ndarray  # (cell, layer, gamma or beta, unit), of the last update
    loss: np.ndarray  # (cell, step)
    accuracy: np.ndarray
    ended: np.ndarray  # (cell): the step at which it diverged, -1 while it goes on


class Data(NamedTuple):
    """What the cells of a stack read; rows are shared between cells of a seed."""

    inputs: np.ndarray  # (seed, sample, input)
    labels: np.ndarray  # (seed, sample)
    streams: np.ndarray  # (stream, place)
    seed_of: np.ndarray  # (cell)
    stream_of: np.ndarray
    fresh: np.ndarray  # (cell): whether noise is added
    disturbing: Disturbing


class Moving(NamedTuple):
    """Sums over a block's updates (cell, block, parameter, layer), and the last update of gamma and beta."""

    absolute: np.ndarray
    norm: np.ndarray
    sign_changes: np.ndarray
    last: np.ndarray  # (cell, layer, gamma or beta, unit)


@looped
def gather(data, cell, step, noise, number, room):
    """Copy the batch of a step from the data set, and add its noise, the one of that number."""
    inputs, labels = room.inputs, room.labels
    place = step * inputs.shape[0]
    seed, stream = data.seed_of[cell], data.streams[data.stream_of[cell]]
    for i in range(inputs.shape[0]):
        sample = stream[place + i]
        labels[i] = data.labels[seed, sample]
        for j in range(inputs.shape[1]):
            inputs[i, j] = data.inputs[seed, sample, j]
        if data.fresh[cell]:
            for j in range(inputs.shape[1]):
                inputs[i, j] += noise[seed, number, i, j]


@looped
def subtract(values, towards, rate):
    """Subtract ``rate * towards``; return the sums of what was subtracted, absolute and squared."""
    absolute, squares = values.dtype.type(0), values.dtype.type(0)
    for k in range(values.shape[0]):
        update = rate * towards[k]
        values[k] -= update
        absolute += abs(update)
        squares += update * update
    return absolute, squares


@looped
def compare(towards, rate, last):
    """Return the share of updates whose sign is opposite to the last one's, and keep these for the next time."""
    count = 0
    for k in range(last.shape[0]):
        update = rate * towards[k]
        count += update * last[k] < 0
        last[k] = update
    return last.dtype.type(count) / last.dtype.type(last.shape[0])


@looped
def descend(network, theta, towards, rates, moving, cell, block):
    """Take one step in a direction, by a rate of each parameter, and add it to the sums of its block."""
    rest_rate, gamma_rate, beta_rate, hidden_rate = rates
    for layer in range(network.depth + 1):
        bias_rate = rest_rate if layer == network.depth else hidden_rate
        subtract(vector(network, theta, layer, BIAS), vector(network, towards, layer, BIAS), bias_rate)
        if layer == network.depth:
            values, slopes = matrix(network, theta, layer), matrix(network, towards, layer)
            subtract(values.reshape(values.size), slopes.reshape(values.size), rest_rate)
            continue
        for number in range(3):
            parameter = (GAMMA, BETA, WEIGHT)[number]
            if network.places[layer, parameter] == ABSENT:
                continue
            if parameter == WEIGHT:
                weights, slopes = matrix(network, theta, layer), matrix(network, towards, layer)
                values, slope, rate = weights.reshape(weights.size), slopes.reshape(weights.size), hidden_rate
            else:
                values, slope = vector(network, theta, layer, parameter), vector(network, towards, layer, parameter)
                rate = gamma_rate if parameter == GAMMA else beta_rate
                if moving.absolute.size:
                    # Before the first update the last one is 0, which has no sign.
                    moving.sign_changes[cell, block, number, layer] += compare(
                        slope, rate, moving.last[cell, layer, number]
                    )
            absolute, squares = subtract(values, slope, rate)
            if moving.absolute.size:
                moving.absolute[cell, block, number, layer] += absolute / values.dtype.type(values.size)
                moving.norm[cell, block, number, layer] += np.sqrt(squares)


@entry
def advance(network, state, data, noise, rule, rates, moving, blocks, bound, momenta, eps, room, gradient, begin, end):
    """Train every cell from step ``begin`` to before ``end``; a cell whose loss is beyond ``bound`` stays as it is."""
    for cell in range(state.theta.shape[0]):
        theta = state.theta[cell]
        for step in range(begin, end):
            if state.ended[cell] >= 0:
                break
            gather(data, cell, step, noise, step - begin, room)
            forward(network, theta, room, state.running[cell], momenta[cell], eps, data.disturbing, cell, step - begin)
            loss, accuracy = affine.cross_entropy(room.logits, room.labels, room.errors)
            state.loss[cell, step] = loss
            state.accuracy[cell, step] = accuracy
            if not loss <= bound:
                state.ended[cell] = step
                break
            backward(network, theta, room, gradient, data.disturbing, cell, step - begin)
            own = (rates[cell, step, 0], rates[cell, step, 1], rates[cell, step, 2], rates[cell, step, 3])
            towards = direction(rule, cell, step, gradient)
            descend(network, theta, towards, own, moving, cell, blocks[step])
        if network.affine and state.ended[cell] < 0:
            for layer in range(network.depth):
                for number, parameter in ((0, GAMMA), (1, BETA)):
                    slope = vector(network, gradient, layer, parameter)
                    copy(slope, state.affine_gradients[cell, layer, number], network.width)
