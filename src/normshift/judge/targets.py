"""Steps to a training loss that the runs of a comparison reach."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from normshift.judge.frames import Tables, log, seeds
from normshift.judge.rates import every

UNREACHED = "no loss level is reached by every run at the best rate"


def steps_to(targets: pd.DataFrame, arm: str, lr: float, seeds: Sequence[int]) -> pd.DataFrame:
    """Return the steps of an arm at a learning rate: a row per seed, a column per level, missing where not reached."""
    cells = targets[(targets["norm"] == arm) & (targets["lr"] == lr)]
    return cells.pivot(index="seed", columns="level", values="step").reindex(list(seeds))


def steps_or_all(targets: pd.DataFrame, arm: str, lr: float, level: float, seeds: Sequence[int]) -> pd.Series:
    """Return the steps of an arm to one level; of a run that never gets there all it had: a lower bound, ranked worst.

    What was not run at all is missing.
    """
    cells = targets[(targets["norm"] == arm) & (targets["lr"] == lr) & (targets["level"] == level)].set_index("seed")
    return cells["step"].fillna(cells["steps"]).reindex(list(seeds))


def deepest(*runs: pd.DataFrame) -> float | None:
    """Return the lowest level that every run reaches, if there is one."""
    shared = [level for level in runs[0].columns if all(run[level].notna().all() for run in runs)]
    return min(shared, default=None)


def slowdown(
    tables: Tables, arm: str, reference: str, regime: str = "clean", **where: Any
) -> tuple[pd.Series | None, str | None]:
    """Return per seed ln(steps of an arm / of the reference), mean over the rates both have; None, and why, without.

    At each rate to the lowest level that the reference reaches in every seed. A run of the arm that never gets there
    counts with all the steps it had: a lower bound, ranked worst.
    """
    where = {"regime": regime, "norm": [arm, reference], **where}
    outcomes, targets = tables.rows("outcomes", **where), tables.rows("targets", **where)
    rates = every(outcomes, [arm, reference], regime)
    if rates.reason:
        return None, rates.reason
    planned = outcomes[outcomes["norm"] == arm].groupby("seed")["steps"].max()
    logs = []
    for lr in rates.kept:
        own, others = (steps_to(targets, one, lr, seeds(tables)) for one in (arm, reference))
        level = deepest(others)
        if level is None:
            return None, f"no loss level is reached by every run of arm {reference} at learning rate {lr:g}"
        logs.append(log(own[level].fillna(planned)) - log(others[level]))
    return pd.concat(logs, axis=1).mean(axis=1, skipna=False), None
