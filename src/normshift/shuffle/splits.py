"""One seed's split: a training split and three class-balanced sets held out of it, all disjoint."""

import numpy as np

from normshift.params import Data

HELDOUT = ("test", "probe", "second")


def split(labels: np.ndarray, data: Data, draw: np.random.Generator) -> dict[str, np.ndarray]:
    """Return positions of the samples in ``train``, ``test``, ``probe`` and ``second``, and within train of ``subset``.

    What the balanced sets leave is shuffled, and the training split is its beginning: not stratified, but all of it
    where ``data.train`` asks for all. ``subset`` is the class-balanced part of it on which losses are compared.
    """
    _check(labels, data)
    sets = {}
    free = draw.permutation(len(labels))
    for name in HELDOUT:
        sets[name] = np.sort(balanced(labels, free, data.heldout))
        free = free[~np.isin(free, sets[name])]
    sets["train"] = np.sort(free[: data.train])
    within = draw.permutation(data.train)
    sets["subset"] = np.sort(balanced(labels[sets["train"]], within, min(data.heldout, data.train)))
    return {name: positions.astype(np.int32) for name, positions in sets.items()}


def balanced(labels: np.ndarray, free: np.ndarray, count: int) -> np.ndarray:
    """Return ``count`` of the positions ``free``, of every class as many as possible or at most one less.

    Everyone is numbered within its class in the order of ``free``; the smallest numbers are taken. Ties, which decide
    who is one ahead where the classes do not divide ``count``, fall by that order, so by chance.
    """
    number = np.empty(len(free), np.int64)
    for label in np.unique(labels):
        members = labels[free] == label
        number[members] = np.arange(members.sum())
    return free[np.argsort(number, kind="stable")[:count]]


def standards(inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of each input over the training split; a constant input keeps scale 1."""
    center = inputs.mean(axis=0, dtype=np.float64)
    scale = inputs.std(axis=0, dtype=np.float64)
    return center.astype(np.float32), np.where(scale == 0, 1, scale).astype(np.float32)


def _check(labels: np.ndarray, data: Data) -> None:
    wanted = len(HELDOUT) * data.heldout + data.train
    if wanted > len(labels):
        raise ValueError(
            f"data.train={data.train}, data.heldout={data.heldout}: {data.name} has {len(labels)} samples,"
            f" fewer than train + {len(HELDOUT)} x heldout = {wanted}"
        )
    counts = np.bincount(labels)
    most = len(HELDOUT) * -(-data.heldout // len(counts))
    if most > counts.min():
        raise ValueError(
            f"data.heldout={data.heldout}: class {counts.argmin()} of {data.name} has {counts.min()} samples,"
            f" fewer than the {most} that {len(HELDOUT)} class-balanced sets need"
        )
