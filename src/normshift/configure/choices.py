"""The composed configuration before it is resolved: the schema of params.yaml and conf/config.yaml together."""

import dataclasses
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from normshift.params import (
    BatchSize,
    Cell,
    Count,
    Data,
    Engine,
    Model,
    Norm,
    Optimizer,
    Order,
    Rate,
    Regime,
    Root,
    Schedule,
    Train,
    Within,
)

FIRST_TUNING_SEED = 1000
SeedCount = Annotated[int, Within(1, FIRST_TUNING_SEED)]
HINTS = typing.get_type_hints(Cell, include_extras=True)
FIXED = {"data", "root"}  # of a cell, but the same in every cell of a run
LABELS = {"name", "kind"}  # say which option it is; varying them alone would mislabel it


@dataclass(frozen=True)
class SeedCounts:
    """How many seeds a profile takes."""

    judged: SeedCount
    tuning: SeedCount


@dataclass(frozen=True)
class Profile:
    """How large a run is, the values kept of each axis, and axes of every grid that does not vary them itself."""

    steps: Count
    seeds: SeedCounts
    keep: dict[str, list[Any]]
    add: dict[str, list[Any]]


@dataclass(frozen=True)
class SeedChoice:
    """The root of all random numbers, and how many seeds; None: as the profile says."""

    root: Root
    judged: SeedCount | None
    tuning: SeedCount | None


@dataclass(frozen=True)
class Choices:
    """What params.yaml and conf/config.yaml say, groups written out."""

    profile: Profile
    data: Data
    studies: list[str]
    model: Model
    optimizer: Optimizer
    schedule: Schedule
    batch_size: BatchSize
    steps: Count | None
    seeds: SeedChoice
    train: Train
    engine: Engine
    norm: Norm
    order: Order
    regime: Regime
    lr: Rate


def keys(kind: Any = Choices, prefix: str = "") -> Iterator[str]:
    """Yield every dotted key below a dataclass."""
    for name, hint in typing.get_type_hints(kind).items():
        yield prefix + name
        if dataclasses.is_dataclass(hint):
            yield from keys(hint, f"{prefix}{name}.")


def axes() -> dict[str, Any]:
    """Return what a grid may vary: a key of the cell, dotted where it lies deeper, and what its values may be."""
    allowed: dict[str, Any] = {}
    for name, hint in HINTS.items():
        if name not in FIXED:
            allowed[name] = hint
        if dataclasses.is_dataclass(hint):
            inner = typing.get_type_hints(hint, include_extras=True)
            allowed |= {f"{name}.{key}": kind for key, kind in inner.items() if key not in LABELS}
    return allowed
