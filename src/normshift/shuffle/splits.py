"""One seed's split: a training split and three class-balanced sets held out of it, all disjoint."""

import numpy as np

from normshift.params import Data

HELDOUT = ("test", "probe", "second")


def split(labels: np.ndarray, data: Data, draw: np.random.Generator, official: int = 0) -> dict[str, np.ndarray]:
    """Return positions of the samples in ``train``, ``test``, ``probe`` and ``second``, and within train of ``subset``.

    What the balanced sets leave is shuffled, and the training split is its beginning: not stratified, but all of it
    where ``data.train`` asks for all. ``subset`` is the class-balanced part of it on which losses are compared. Of an
    official split, whose test set are the last ``official`` samples, the balanced sets are drawn from that test set,
    and the training split from the rest.
    """
    first = len(labels) - official if data.split == "official" else 0
    _check(labels, data, first, official)
    sets = {}
    free = first + draw.permutation(len(labels) - first)
    for name in HELDOUT:
        sets[name] = np.sort(balanced(labels, free, data.heldout))
        free = free[~np.isin(free, sets[name])]
    free = draw.permutation(first) if first else free
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


def _check(labels: np.ndarray, data: Data, first: int, official: int) -> None:
    if data.split == "official" and not official:
        raise ValueError(f"data.split=official: {data.name} has no official split: choose data.split=pooled")
    for wanted, there, sizes, what in _sizes(labels, data, first):
        if wanted > there:
            raise ValueError(f"{sizes}: {data.name} has {there} samples{what} = {wanted}")
    counts = np.bincount(labels[first:], minlength=labels.max() + 1)
    most = len(HELDOUT) * -(-data.heldout // len(counts))
    if most > counts.min():
        raise ValueError(
            f"data.heldout={data.heldout}: class {counts.argmin()} of {data.name} has {counts.min()} samples,"
            f" fewer than the {most} that {len(HELDOUT)} class-balanced sets need"
        )


def _sizes(labels: np.ndarray, data: Data, first: int) -> list[tuple[int, int, str, str]]:
    """Return what is asked for, what there is, the settings that ask for it, and how they add up."""
    train, held = data.train, len(HELDOUT) * data.heldout
    both = (f"data.train={train}", f"data.heldout={data.heldout}")
    if not first:
        added = f", fewer than train + {len(HELDOUT)} x heldout"
        return [(train + held, len(labels), ", ".join(both), added)]
    return [
        (train, first, both[0], " to train on, fewer than train"),
        (held, len(labels) - first, both[1], f" in its official test set, fewer than {len(HELDOUT)} x heldout"),
    ]
