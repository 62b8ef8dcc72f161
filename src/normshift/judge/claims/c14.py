"""C14: the majority of the units' distributions settle fast."""

from normshift.judge.evidence import Evidence, evidence
from normshift.judge.frames import Tables, mean, of_arm, seeds
from normshift.judge.rates import matched
from normshift.params import Rules

MAJORITY = 0.5


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return the share of units whose parameter stays near its end from rules.fast of the run on, less one half."""
    return [_majority(tables, regime, parameter) for regime in ("clean", "fresh") for parameter in ("beta", "gamma")]


def _majority(tables: Tables, regime: str, parameter: str) -> Evidence:
    # To stay near the end says something only while there is something left to learn.
    rates = matched(tables.rows("outcomes", regime=regime), ["batch"], late=True, regime=regime)
    rows = tables.rows("settling", regime=regime, norm="batch", parameter=parameter)
    shares = of_arm(mean(rows, rows["fast"]), "batch", rates.kept).mean(axis=1, skipna=False)
    effect = shares - MAJORITY if rates.kept else None
    return evidence(seeds(tables), regime, parameter, effect, rates.reason, rates.dropped, rates.memorised)
