"""Steps to a training loss that the runs of a comparison reach."""

from collections.abc import Sequence

import pandas as pd


def steps_to(targets: pd.DataFrame, arm: str, lr: float, seeds: Sequence[int]) -> pd.DataFrame:
    """Return the steps of an arm at a learning rate: a row per seed, a column per level, missing where not reached."""
    cells = targets[(targets["norm"] == arm) & (targets["lr"] == lr)]
    return cells.pivot(index="seed", columns="level", values="step").reindex(list(seeds))


def deepest(*runs: pd.DataFrame) -> float | None:
    """Return the lowest level that every run reaches, if there is one."""
    shared = [level for level in runs[0].columns if all(run[level].notna().all() for run in runs)]
    return min(shared, default=None)
