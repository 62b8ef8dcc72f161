"""C10: gamma and beta march from variance 1 and mean 0 to whatever is ideal."""

import math

import pandas as pd

from normshift.judge.activations import ACTIVATIONS
from normshift.judge.evidence import Evidence, evidence
from normshift.judge.frames import Tables, mean_log, of_arm, seeds
from normshift.judge.rates import matched
from normshift.params import Rules

WALK = 0.5  # share of sign changes of a walk without memory


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return ln(.5 / share of sign changes) from step to step, and over the run ln(net way / that of a random walk)."""
    return [
        _marched(tables, scale, parameter, activation)
        for scale in ("step", "run")
        for activation in ACTIVATIONS
        for parameter in ("beta", "gamma")
    ]


def _marched(tables: Tables, scale: str, parameter: str, activation: str) -> Evidence:
    where = ACTIVATIONS[activation]
    rates = matched(tables.rows("outcomes", **where), ["batch"])
    motion = tables.rows("motion", norm="batch", parameter=parameter, window="all", **where)
    logs = of_arm(
        mean_log(motion.assign(straightness=_straightness(motion, scale)), "straightness"), "batch", rates.kept
    )
    effect = logs.mean(axis=1, skipna=False) if rates.kept else None
    return evidence(seeds(tables), scale, f"{parameter}, {activation}", effect, rates.reason, rates.dropped)


def _straightness(motion: pd.DataFrame, scale: str) -> pd.Series:
    if scale == "step":
        return WALK / motion["sign_changes"].where(motion["sign_changes"] > 0, math.nan)
    return motion["net"] / motion["walk"].where(motion["walk"] > 0)
