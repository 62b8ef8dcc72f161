"""How low the training loss lies from some time on: what freezing or starting something there has done (C11, C12)."""

import math
from collections.abc import Sequence

import pandas as pd

from normshift.judge.frames import Tables, mean, of_arm
from normshift.judge.rates import every

FROZEN = {"10 %": 0.1, "30 %": 0.3}  # of the steps: from when on gamma and beta, or as many weights, are frozen
# Below it a difference of log losses is none (measurement: addendum, margins). Fixed: it does not follow the margins
# that are halved and doubled.
LEAST = math.log(1.25)
# Of a run that diverged: a loss beyond 1,000 is called so, and no run that goes on has a higher mean.
WORST = math.log(1e3)


def arm_areas(tables: Tables, arms: Sequence[str], regime: str, since: float) -> tuple[pd.DataFrame | None, str | None]:
    """Return the mean ln training loss from a share of the run on, mean over the rates that all arms have.

    A row per seed, a column per arm; every run counts, those that diverge as the worst. None, and why, without rates.
    """
    rates = every(tables.rows("outcomes", regime=regime, norm=list(arms)), arms, regime)
    if rates.reason:
        return None, rates.reason
    rows = tables.rows("areas", regime=regime, norm=list(arms), since=since)
    logs = mean(rows, rows["log_loss"].fillna(WORST))
    return pd.DataFrame({arm: of_arm(logs, arm, rates.kept).mean(axis=1, skipna=False) for arm in arms}), None
