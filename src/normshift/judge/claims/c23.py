"""C23: a larger learning rate makes for more internal covariate shift until the network is near the optimum."""

import pandas as pd

from normshift.judge.comparisons import per_tripling
from normshift.judge.evidence import Evidence, evidence
from normshift.judge.frames import Tables, seeds
from normshift.judge.matched_loss import common_levels, interpolated, segments
from normshift.judge.rates import matched
from normshift.params import Rules

LEAST = 2  # learning rates


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return the rise per tripling of the learning rate of ln shift per nat of loss, on the first segment of levels.

    Of the distribution: drift of the mean at y. Of the gradient: relative Def. 2.1, own gamma and beta not preceding.
    """
    parts = []
    for regime in ("clean", "fresh"):
        for arm in ("batch", "none"):
            where = {"regime": regime, "norm": arm}
            drift = tables.rows("shifts", horizon="step", site="y", mode="batch", probe="first", **where)
            gradient = tables.rows("gradients", reading="without", **where)
            parts.append(_rise(tables, "distribution", drift, "mean_shift", regime, arm, rules))
            parts.append(_rise(tables, "gradient", gradient, "relative", regime, arm, rules))
    return parts


def _rise(tables: Tables, part: str, rows: pd.DataFrame, column: str, regime: str, arm: str, rules: Rules) -> Evidence:
    part = f"{part}, {arm}"
    rates = matched(tables.rows("outcomes", regime=regime), [arm], least=LEAST, regime=regime)
    cells = interpolated(tables.rows("losses", regime=regime, norm=arm, lr=list(rates.kept)), rows, column)
    levels = common_levels(list(cells.values()), rules.levels) if cells else []
    reason = rates.reason
    if not reason and len(levels) < 2:
        reason = f"every run passes {len(levels)} of the loss levels, 2 needed"
    if reason:
        return evidence(seeds(tables), regime, part, None, reason, rates.dropped)
    logs = pd.Series({key: segments(cell, levels[:2])[0] for key, cell in cells.items()})
    logs = logs.rename_axis(["norm", "lr", "seed"]).unstack(["norm", "lr"])
    return evidence(seeds(tables), regime, part, per_tripling(logs, arm, rates.kept), None, rates.dropped)
