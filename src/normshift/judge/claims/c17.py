"""C17: wild fluctuation of beta and gamma means that the learning rate is too high."""

import numpy as np
import pandas as pd
from scipy import stats

from normshift.judge.evidence import Evidence, evidence
from normshift.judge.frames import Tables, log, mean, of_arm, seeds
from normshift.judge.rates import MEMORISED, best, diverged, ladder, without
from normshift.judge.slopes import late_slopes
from normshift.params import Rules

CHANCE = 0.5


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return the rise of ln sd about the late trend per tripling of the rate; and how well that sd tells too high ones.

    `too high`: area under the curve less .5 for the judged seeds' rates above the best one, which tuning seeds chose.
    """
    converse = [_converse(tables, regime, name) for regime in ("clean", "fresh") for name in ("beta", "gamma")]
    return [*late_slopes(tables, "fluctuation"), *converse]


def _converse(tables: Tables, regime: str, parameter: str) -> Evidence:
    part = f"too high, {parameter}"
    chosen = best(tables.rows("outcomes", role="tuning", regime=regime), "batch", regime)
    if chosen.lr is None:
        return evidence(seeds(tables), regime, part, None, chosen.reason)
    outcomes = tables.rows("outcomes", regime=regime, norm="batch")
    every = ladder(outcomes, "batch")
    rates, dropped = without(outcomes, every, outcomes["memorised"], MEMORISED)
    above = np.asarray(rates) > chosen.lr
    if above.all() or not above.any():
        memorised = not _one_sided(every, chosen.lr)
        reason = f"no rate is left above, or none at or below, the best one, {chosen.lr:g}"
        return evidence(seeds(tables), regime, part, None, "memorised" if memorised else reason, dropped, memorised)
    motion = tables.rows("motion", regime=regime, parameter=parameter, window="late", norm="batch")
    logs = of_arm(mean(motion, _log_or_least(motion["fluctuation"])), "batch", rates)
    # A run that diverged fluctuated most of all: ranked worst (measurement: addendum, learning).
    logs = logs.mask(diverged(outcomes).reindex_like(logs).eq(True), np.inf)
    return evidence(seeds(tables), regime, part, area_under_curve(logs, above) - CHANCE, None, dropped)


def _log_or_least(values: pd.Series) -> pd.Series:
    # A dead network does not fluctuate at all: it ranks lowest, and its rate was too high all the same.
    return log(values).mask(values == 0, -np.inf)


def _one_sided(rates: list[float], best: float) -> bool:
    return all(lr > best for lr in rates) or all(lr <= best for lr in rates)


def area_under_curve(scores: pd.DataFrame, positive: np.ndarray) -> pd.Series:
    """Return per row the chance that a positive column scores higher than another one, ties half; NaN if any is."""
    ranks = stats.rankdata(scores.to_numpy(dtype=float), axis=1, nan_policy="propagate")
    count = int(positive.sum())
    above = ranks[:, positive].sum(axis=1) - count * (count + 1) / 2
    return pd.Series(above / (count * (len(positive) - count)), index=scores.index)
