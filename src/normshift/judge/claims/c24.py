"""C24: a large learning rate pays for its speed with shift, but not for long: from then on the shift is low."""

import numpy as np
import pandas as pd

from normshift.judge.evidence import Evidence, evidence
from normshift.judge.frames import Tables, mean_log, of_arm, seeds, windowed
from normshift.judge.matched_loss import CELL, paths, whole_path
from normshift.judge.rates import Rates, matched
from normshift.params import Rules

ARM = ["batch"]
Y = {"norm": "batch", "horizon": "step", "site": "y", "mode": "batch", "probe": "first"}


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return ln of the drift of the mean at y, lowest over highest constant rate that learns: late, and in all."""
    parts = []
    for regime in ("clean", "fresh"):
        outcomes, shifts = tables.rows("outcomes", regime=regime), tables.rows("shifts", regime=regime, **Y)
        for part in ("late", "cumulative"):
            rates = matched(outcomes, ARM, late=part == "late", least=2, regime=regime)
            drifts = _late(shifts, rules) if part == "late" else _cumulative(tables, shifts, regime)
            effect = lowest_over_highest(drifts, rates)
            parts.append(evidence(seeds(tables), regime, part, effect, rates.reason, rates.dropped, rates.memorised))
    return parts


def lowest_over_highest(drifts: pd.DataFrame, rates: Rates) -> pd.Series | None:
    """Return per seed the log drift at the lowest rate kept less that at the highest; None without any."""
    if not rates.kept:
        return None
    logs = of_arm(drifts, *ARM, rates.kept)
    return logs[rates.kept[0]] - logs[rates.kept[-1]]


def _late(shifts: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    return mean_log(windowed(shifts, "late", rules), "mean_shift")


def _cumulative(tables: Tables, shifts: pd.DataFrame, regime: str) -> pd.DataFrame:
    cells = paths(tables.rows("losses", regime=regime, norm="batch"), shifts)
    runs = pd.MultiIndex.from_tuples(list(cells), names=CELL)
    return pd.Series([np.log(whole_path(cell)) for cell in cells.values()], runs, dtype=float).unstack(["norm", "lr"])
