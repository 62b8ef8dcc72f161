"""What several orders share: epochs one after another, and samples dealt class by class."""

from collections.abc import Callable
from functools import partial

import numpy as np

Draw = Callable[..., np.random.Generator]  # the generator of a purpose, for one seed: the same in every order


def epochs(length: int, size: int, epoch: Callable[[int], np.ndarray]) -> np.ndarray:
    """Return ``length`` positions: epochs 0, 1, ... of ``size`` samples without a gap, so that no batch is short."""
    return np.concatenate([epoch(number) for number in range(-(-length // size))])[:length].astype(np.int32)


def deal(wanted: np.ndarray, labels: np.ndarray, draw: Draw) -> np.ndarray:
    """Return, for every label in ``wanted``, the next sample of that class's endless stream.

    A class's stream is all its samples in a new order each round. The streams depend on the seed alone, so every order
    that deals gives a class's samples in the same sequence.
    """
    positions = np.empty(len(wanted), np.int32)
    for label in np.unique(wanted):
        members, places = np.flatnonzero(labels == label), np.flatnonzero(wanted == label)
        positions[places] = epochs(len(places), len(members), partial(_round, members, draw, int(label)))
    return positions


def _round(members: np.ndarray, draw: Draw, label: int, number: int) -> np.ndarray:
    return draw("class", label, number).permutation(members)


def by_label(labels: np.ndarray, draw: Draw) -> np.ndarray:
    """Return one epoch sorted by label, each class in the order of its first round."""
    return deal(np.sort(labels), labels, draw)


def spread(labels: np.ndarray) -> np.ndarray:
    """Return one epoch's labels, each class spread so evenly that every prefix of j holds p_c j of it, give or take 1.

    Tijdeman (1980), The chairman assignment problem, Discrete Mathematics 32: of the classes owed at least 1/s,
    s = 2 (C - 1), the turn is for the one that would soonest be owed 1 - 1/s; then nobody is ever owed or ahead more,
    the best bound there is. Being whole at the end of an epoch, it holds across epochs too.
    """
    classes, counts = np.unique(labels, return_counts=True)
    size, s = len(labels), max(2 * (len(classes) - 1), 2)
    owed = np.zeros(len(classes), np.int64)  # in units of 1 / size, so that nothing is rounded
    turns = np.empty(size, np.int64)
    for turn in range(size):
        owed += counts
        soonest = np.where(s * owed >= size, ((s - 1) * size - s * owed) / counts, np.inf).argmin()
        turns[turn] = soonest
        owed[soonest] -= size
    return classes[turns]
