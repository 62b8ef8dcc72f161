"""From a gradient to the direction of an update: what the rate multiplies."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from normshift.train.compiled.compiling import looped
from normshift.train.optimizers import SLOTS
from normshift.train.optimizers.adam import BETAS, EPS
from normshift.train.optimizers.momentum import DECAY

NEVER = np.iinfo(np.int64).max
CODES = {"sgd": 0, "momentum": 1, "adam": 2}
SGD, MOMENTUM, ADAM = CODES.values()
# `Rule.decays` and `Rule.eps`: arguments, not part of the machine code, which knows nothing of other folders' sources.
CONSTANTS = {"sgd": ((0.0, 0.0), 0.0), "momentum": ((DECAY, 0.0), 0.0), "adam": (BETAS, EPS)}


class Rule(NamedTuple):
    """An optimiser, its constants, what it keeps of every cell, and what of a cell stays."""

    kind: int
    decays: tuple[float, float]  # of the slots; those that there are
    eps: float
    slots: np.ndarray  # (cell, slot, place)
    direction: np.ndarray  # (place): room for one that is neither the gradient nor a slot
    held: np.ndarray  # (cell, entry): places of the parameters that stay
    held_from: np.ndarray  # (cell): the step from which on they do


def rule(kind: str, length: int, held: Sequence[np.ndarray], freezing: Sequence[int], dtype: type) -> Rule:
    """Return an optimiser of flat vectors that has seen nothing; each cell's ``held`` places stay from a step on."""
    places = np.zeros((len(held), max(map(len, held))), np.int64)
    held_from = np.full(len(held), NEVER)
    for cell, own in enumerate(held):
        if len(own):
            places[cell], held_from[cell] = own, freezing[cell]
    slots = np.zeros((len(held), SLOTS[kind], length), dtype)
    return Rule(CODES[kind], *CONSTANTS[kind], slots, np.zeros(length, dtype), places, held_from)


@looped
def accelerate(gradient, decay, velocity):
    """Write ``v = decay v + gradient`` (`torch.optim.SGD`)."""
    for k in range(gradient.shape[0]):
        velocity[k] = decay * velocity[k] + gradient[k]


@looped
def adapt(gradient, decays, updates, eps, first, second, direction):
    """Write the moments and ``direction = m^ / (sqrt(v^) + eps)`` of an update (Kingma & Ba 2015, Alg. 1).

    ``updates`` counts this one.
    """
    real = gradient.dtype.type
    keep, keep_square = real(decays[0]), real(decays[1])
    take, take_square = real(1 - decays[0]), real(1 - decays[1])
    scale = real(1 / (1 - decays[0] ** updates))
    root = real(1 / math.sqrt(1 - decays[1] ** updates))
    least = real(eps)
    for k in range(gradient.shape[0]):
        first[k] = keep * first[k] + take * gradient[k]
        second[k] = keep_square * second[k] + take_square * gradient[k] * gradient[k]
        direction[k] = scale * first[k] / (root * np.sqrt(second[k]) + least)


@looped
def direction(rule, cell, step, gradient):
    """Return what an update is the rate's multiple of, (place); 0 where a parameter stays, whatever its slots hold."""
    towards = gradient
    if rule.kind == MOMENTUM:
        towards = rule.slots[cell, 0]
        accelerate(gradient, gradient.dtype.type(rule.decays[0]), towards)
    elif rule.kind == ADAM:
        towards = rule.direction
        adapt(gradient, rule.decays, step + 1, rule.eps, rule.slots[cell, 0], rule.slots[cell, 1], towards)
    if step >= rule.held_from[cell]:
        for place in rule.held[cell]:
            towards[place] = towards.dtype.type(0)
    return towards
