"""C4b: batch norm reduces the shift of the distributions that layers receive while the network learns."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from normshift.judge.comparisons import ratio, ratio_at
from normshift.judge.evidence import Dropped, Evidence, evidence
from normshift.judge.frames import Tables, mean_log, seeds, windowed
from normshift.judge.matched_loss import common_levels, paths, segments
from normshift.judge.rates import chosen, matched
from normshift.params import Rules

ARMS = ("none", "batch")
REGIME = "fresh"  # in regime clean a late window is memorised
LEAST = 3  # levels: with fewer the first segment is the last one too
FEW = f"passes fewer than {LEAST} loss levels"


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return ln of a step's drift of the mean at y, none over batch: at matched rate, matched loss and best rates.

    At matched loss, early is the first and late the last segment between successive levels that every run at that
    learning rate passes.
    """
    shifts = tables.rows("shifts", regime=REGIME, horizon="step", site="y", mode="batch", probe="first")
    parts = []
    for window in ("early", "late"):
        logs = mean_log(windowed(shifts, window, rules), "mean_shift")
        parts += [_matched_rate(tables, logs, window), _matched_loss(tables, shifts, window, rules)]
        parts += [_best_rates(tables, logs, window)]
    return parts


def _matched_rate(tables: Tables, logs: pd.DataFrame, window: str) -> Evidence:
    rates = matched(tables.rows("outcomes", regime=REGIME), ARMS, late=window == "late", regime=REGIME)
    effect = ratio(logs, *ARMS, rates.kept)
    return evidence(seeds(tables), window, "matched rate", effect, rates.reason, rates.dropped, rates.memorised)


def _best_rates(tables: Tables, logs: pd.DataFrame, window: str) -> Evidence:
    outcomes, tuning = (tables.rows("outcomes", role=role, regime=REGIME) for role in ("judged", "tuning"))
    best = chosen(outcomes, tuning, ARMS, late=window == "late", regime=REGIME)
    effect = ratio_at(logs, *ARMS, best.rates)
    return evidence(seeds(tables), window, "best rates", effect, best.reason, best.dropped, best.memorised)


def _matched_loss(tables: Tables, shifts: pd.DataFrame, window: str, rules: Rules) -> Evidence:
    rates = matched(tables.rows("outcomes", regime=REGIME), ARMS, regime=REGIME)
    cells = paths(tables.rows("losses", regime=REGIME), shifts)
    cells = {key: cell for key, cell in cells.items() if key[0] in ARMS and key[1] in rates.kept}
    levels, few = _levels(cells, rates.kept, rules)
    dropped = (*rates.dropped, *few)
    if not levels:
        reason = f"at no learning rate does every run pass {LEAST} of the loss levels, to part early from late"
        return evidence(seeds(tables), window, "matched loss", None, rates.reason or reason, dropped)
    segment = 0 if window == "early" else -1
    logs = pd.Series({key: segments(cell, levels[key[1]])[segment] for key, cell in cells.items() if key[1] in levels})
    logs = logs.rename_axis(["norm", "lr", "seed"]).unstack(["norm", "lr"]).replace(-np.inf, np.nan)
    return evidence(seeds(tables), window, "matched loss", ratio(logs, *ARMS, list(levels)), None, dropped)


def _levels(
    cells: Mapping[tuple[str, float, int], pd.DataFrame], rates: Sequence[float], rules: Rules
) -> tuple[dict[float, list[float]], list[Dropped]]:
    """Return the levels that every run at a rate passes, where these are enough; and where they are too few.

    Runs are paired at one rate, so that a slow rate need not take levels away from the others.
    """
    levels = {lr: common_levels([cell for key, cell in cells.items() if key[1] == lr], rules.levels) for lr in rates}
    few = [key[:2] for key, cell in cells.items() if len(common_levels([cell], rules.levels)) < LEAST]
    dropped = [Dropped(lr, arm, FEW, count) for (arm, lr), count in sorted(Counter(few).items())]
    return {lr: found for lr, found in levels.items() if len(found) >= LEAST}, dropped
