"""The two comparisons that most claims make of logs held as a row per seed and a column per (norm, lr)."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from normshift.judge.frames import of_arm


def ratio(logs: pd.DataFrame, over: str, under: str, rates: Sequence[float]) -> pd.Series | None:
    """Return per seed the log ratio of two arms at the same learning rate, mean over the rates; None without any."""
    if not rates:
        return None
    return (of_arm(logs, over, rates) - of_arm(logs, under, rates)).mean(axis=1, skipna=False)


def ratio_at(logs: pd.DataFrame, over: str, under: str, rates: Mapping[str, float]) -> pd.Series | None:
    """Return per seed the log ratio of two arms, each at a learning rate of its own; None without any."""
    if not rates:
        return None
    one, other = (of_arm(logs, arm, [rates[arm]])[rates[arm]] for arm in (over, under))
    return one - other


def per_tripling(logs: pd.DataFrame, arm: str, rates: Sequence[float]) -> pd.Series | None:
    """Return per seed the least-squares slope of a log on ln(learning rate), times ln 3; None without any rates."""
    if not rates:
        return None
    x = np.log(np.asarray(rates))
    x = x - x.mean()
    return of_arm(logs, arm, rates).mul(x, axis=1).sum(axis=1, skipna=False) / (x @ x) * math.log(3)


def over_the_run(shifts: pd.DataFrame) -> pd.DataFrame:
    """Return of the rows of horizon `start` those at the last point: how far things got in the whole run."""
    return shifts[shifts["later"] == shifts.groupby("cell")["later"].transform("max")]
