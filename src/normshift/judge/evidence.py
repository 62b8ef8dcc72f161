"""What a claim hands to the rule: for each level and part one effect per judged seed, and what was left out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

EVERY = "all"  # the level of a claim without a moderator


@dataclass(frozen=True)
class Dropped:
    """A learning rate left out of a comparison, the arm that is the cause, and in how many judged seeds."""

    lr: float
    arm: str
    reason: str
    seeds: int


@dataclass(frozen=True)
class Evidence:
    """Effects of one part at one level, by seed, in the claim's direction; why any are missing; what was dropped.

    `memorised`: too few learning rates are left for the estimand, and only because their late windows are memorised.
    `unpassed`: the loss levels that not every run of a comparison at matched loss passes, and that it leaves out.
    """

    level: str
    part: str
    effects: pd.Series
    reason: str | None = None
    dropped: tuple[Dropped, ...] = ()
    memorised: bool = False
    unpassed: tuple[float, ...] = ()


def in_seeds(where: pd.Series) -> str:
    """Say in how many of the seeds something is so."""
    return f"in {int(where.sum())} of {len(where)} seeds"


def evidence(
    seeds: Sequence[int],
    level: str,
    part: str,
    effects: pd.Series | None,
    reason: str | None = None,
    dropped: Iterable[Dropped] = (),
    memorised: bool = False,
    unpassed: Iterable[float] = (),
) -> Evidence:
    """Return evidence with a row for every judged seed; no effects at all (None) are missing in each."""
    values = pd.Series(np.nan, index=list(seeds)) if effects is None else effects.reindex(list(seeds)).astype(float)
    return Evidence(level, part, values.rename_axis("seed"), reason, tuple(dropped), memorised, tuple(unpassed))


def tabulated(items: Iterable[Evidence]) -> pd.DataFrame:
    """Return the rows (level, part, seed, effect) of table `effects`."""
    tables = [item.effects.rename("effect").reset_index().assign(level=item.level, part=item.part) for item in items]
    return pd.concat(tables, ignore_index=True)[["level", "part", "seed", "effect"]]
