"""Steps to a training loss that the runs of a comparison reach."""

from collections.abc import Sequence

import pandas as pd

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
