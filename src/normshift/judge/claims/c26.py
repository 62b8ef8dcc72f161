"""C26: too low a learning rate needs more iterations, too high a one overshoots and bounces."""

import pandas as pd

from normshift.judge.evidence import EVERY, Evidence, evidence
from normshift.judge.frames import Tables, log, mean_log, seeds
from normshift.judge.rates import best, diverged, ladder
from normshift.judge.targets import UNREACHED, deepest, steps_or_all, steps_to
from normshift.params import Rules

ABOVE = 2  # grid steps from the best to too high a rate


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return ln of steps to the target, lowest over best rate; of the share of beta's turns, too high over best."""
    return [_too_low(tables, "batch"), _too_low(tables, "none"), _too_high(tables, "batch")]


def _too_low(tables: Tables, arm: str) -> Evidence:
    part = f"too low, {arm}"
    chosen = best(tables.rows("outcomes", role="tuning"), arm)
    if chosen.lr is None:
        return evidence(seeds(tables), EVERY, part, None, chosen.reason)
    targets = tables.rows("targets")
    at_best = steps_to(targets, arm, chosen.lr, seeds(tables))
    level = deepest(at_best)
    if level is None:
        return evidence(seeds(tables), EVERY, part, None, UNREACHED)
    lowest = steps_or_all(targets, arm, ladder(tables.rows("outcomes"), arm)[0], level, seeds(tables))
    return evidence(seeds(tables), EVERY, part, log(lowest) - log(at_best[level]))


def _too_high(tables: Tables, arm: str) -> Evidence:
    part = f"too high, {arm}"
    chosen = best(tables.rows("outcomes", role="tuning"), arm)
    if chosen.lr is None:
        return evidence(seeds(tables), EVERY, part, None, chosen.reason)
    outcomes = tables.rows("outcomes", norm=arm)
    rates = ladder(outcomes, arm)
    above = rates.index(chosen.lr) + ABOVE
    if above >= len(rates):
        return evidence(seeds(tables), EVERY, part, None, f"{ABOVE} grid steps above the best lie outside the grid")
    shares = _turns(tables, outcomes, arm)
    return evidence(seeds(tables), EVERY, part, shares[rates[above]] - shares[chosen.lr])


def _turns(tables: Tables, outcomes: pd.DataFrame, arm: str) -> pd.DataFrame:
    """Return ln of the share of steps of beta that turn back: a row per seed, a column per learning rate.

    A share s is a sign autocorrelation of 1 - 2 s: bouncing, if it is more than half.
    """
    motion = tables.rows("motion", norm=arm, parameter="beta", window="all")
    shares = mean_log(motion, "sign_changes", ["lr"]).reindex(columns=ladder(outcomes, arm))
    # A run that diverged overshot for good: the largest share there is, ranked worst.
    return shares.mask(diverged(outcomes).reindex_like(shares).eq(True), 0.0)
