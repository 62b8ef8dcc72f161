"""C22: with a small learning rate the distributions stay relatively steady while the network marches slowly."""

import pandas as pd

from normshift.judge.evidence import Evidence, evidence
from normshift.judge.frames import Tables, seeds
from normshift.judge.matched_loss import common_levels, paths, segments
from normshift.judge.rates import matched
from normshift.params import Rules


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return ln of the drift of the mean at y per nat of loss, highest over lowest learning rate that learns."""
    return [_ratio(tables, regime, arm, rules) for regime in ("clean", "fresh") for arm in ("batch", "none")]


def _ratio(tables: Tables, regime: str, arm: str, rules: Rules) -> Evidence:
    rates = matched(tables.rows("outcomes", regime=regime), [arm], least=2, regime=regime)
    if rates.reason:
        return evidence(seeds(tables), regime, arm, None, rates.reason, rates.dropped)
    shifts = tables.rows("shifts", regime=regime, norm=arm, horizon="step", site="y", mode="batch", probe="first")
    cells = paths(tables.rows("losses", regime=regime, norm=arm), shifts)
    lowest, highest = rates.kept[0], rates.kept[-1]
    cells = {(lr, seed): cell for (_, lr, seed), cell in cells.items() if lr in (lowest, highest)}
    levels = common_levels(list(cells.values()), rules.levels)
    unpassed = [level for level in rules.levels if level not in levels]
    if len(levels) < 2:
        reason = f"both rates pass {len(levels)} of the loss levels in every seed, 2 needed"
        return evidence(seeds(tables), regime, arm, None, reason, rates.dropped, unpassed=unpassed)
    logs = pd.Series({key: segments(cell, levels).mean() for key, cell in cells.items()})
    logs = logs.rename_axis(["lr", "seed"]).unstack("lr")
    effect = logs[highest] - logs[lowest]
    return evidence(seeds(tables), regime, arm, effect, None, rates.dropped, unpassed=unpassed)
