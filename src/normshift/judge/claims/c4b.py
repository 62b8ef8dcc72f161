"""C4b: batch norm reduces the shift of the distributions that layers receive while the network learns."""

import numpy as np
import pandas as pd

from normshift.judge.comparisons import ratio, ratio_at
from normshift.judge.evidence import Evidence, evidence
from normshift.judge.frames import Tables, mean_log, seeds, windowed
from normshift.judge.matched_loss import common_levels, paths, segments
from normshift.judge.rates import chosen, matched
from normshift.params import Rules

ARMS = ("none", "batch")
REGIME = "fresh"  # in regime clean a late window is memorised


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return ln of a step's drift of the mean at y, none over batch: at matched rate, matched loss and best rates.

    At matched loss, early is the first and late the last segment between successive levels that every run passes.
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
    levels = common_levels(list(cells.values()), rules.levels) if cells else []
    reason = rates.reason
    if not reason and len(levels) < 3:
        reason = f"every run passes {len(levels)} of the loss levels, 3 needed to part early from late"
    if reason:
        return evidence(seeds(tables), window, "matched loss", None, reason, rates.dropped)
    segment = 0 if window == "early" else -1
    logs = pd.Series({key: segments(cell, levels)[segment] for key, cell in cells.items()})
    logs = logs.rename_axis(["norm", "lr", "seed"]).unstack(["norm", "lr"]).replace(-np.inf, np.nan)
    return evidence(seeds(tables), window, "matched loss", ratio(logs, *ARMS, rates.kept), None, rates.dropped)
