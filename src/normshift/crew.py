"""What an engine is asked for and what it offers; which engine, and where it runs, changes no bit.

An engine is ``engine(settings, needs)``, a context whose value is a `Crew`: workers, and how to have them work.
"""

import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from normshift.params import Engine

GIB = 2**30
Work = Callable[[Any], Any]
Facts = Mapping[str, str | int]


@dataclass(frozen=True)
class Needs:
    """What a worker must have: bytes for the smallest task, ``versions()`` as here, ``machine()`` as the others.

    Both are functions of a module, called in every worker. Bits may depend on what they return. ``alone``: a worker
    needs a machine of its own, or its GPU.
    """

    memory: float
    versions: Callable[[], Facts]
    machine: Callable[[], Facts]
    alone: bool = False


@dataclass(frozen=True)
class Done:
    """A task that was done, and what ``work`` returned of it."""

    task: Any
    result: Any


@dataclass(frozen=True)
class Lost:
    """A task whose worker died; it is tried again, a bounded number of times."""

    task: Any


@dataclass(frozen=True)
class Crew:
    """So many workers with ``memory`` bytes each, alike in ``machine``.

    ``run(work, tasks)`` yields `Done` of every task, in any order, and `Lost` whenever a worker dies at one. What fails
    stops nothing: all others are done before the first error, or `Died`, is raised. ``far``: workers share no disk with
    this process but the cell store.
    """

    workers: int
    memory: float
    machine: Facts
    run: Callable[[Work, Sequence[Any]], Iterator[Done | Lost]]
    far: bool = False


MakeCrew = Callable[[Engine, Needs], AbstractContextManager[Crew]]


class Died(RuntimeError):
    """Tasks that killed their worker each time they were tried, at last with no other beside them."""

    def __init__(self, tasks: list[Any], errors: Sequence[BaseException] = ()):
        also = "".join(f"; another failed: {error}" for error in errors[:1])
        super().__init__(f"{len(tasks)} task(s) killed their worker process each time they were tried{also}")
        self.tasks = tasks


class Unlike(RuntimeError):
    """A process that is not as it was when its task was made: other code, libraries or processor."""


def share(settings: Engine, needs: Needs) -> tuple[int, float]:
    """Return how many workers of this machine fit into the memory that they share, and the bytes of each."""
    fit = 1 if needs.alone else int(settings.memory * GIB // needs.memory)
    workers = max(1, min(settings.workers or os.cpu_count() or 1, fit))
    return workers, settings.memory * GIB / workers


def differing(found: Facts, expected: Facts) -> str:
    """Return in words what differs, "torch 2.12 instead of 2.13"; empty if nothing does."""
    pairs = ((key, found.get(key, "missing"), value) for key, value in expected.items())
    return ", ".join(f"{key} {other} instead of {value}" for key, other, value in pairs if other != value)


def stack_limit(cells: int, workers: int) -> int:
    """Return the size of stacks at which every worker gets one."""
    return max(1, math.ceil(cells / workers))
