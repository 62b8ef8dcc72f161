"""C26: too low a learning rate needs more iterations, too high a one overshoots and bounces."""

import pandas as pd

from normshift.judge.evidence import EVERY, Evidence, evidence
from normshift.judge.frames import Tables, log, seeds
from normshift.judge.rates import best, ladder
from normshift.judge.targets import deepest, steps_to
from normshift.params import Rules

ABOVE = 2  # grid steps from the best to too high a rate


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return ln of steps to the target, lowest over best rate, and of the share of rising steps, too high over best."""
    return [_too_low(tables, "batch"), _too_low(tables, "none"), _too_high(tables, "batch")]


def _too_low(tables: Tables, arm: str) -> Evidence:
    part = f"too low, {arm}"
    chosen = best(tables.rows("outcomes", role="tuning"), arm)
    if chosen.lr is None:
        return evidence(seeds(tables), EVERY, part, None, chosen.reason)
    outcomes, targets = tables.rows("outcomes"), tables.rows("targets")
    lowest, at_best = (steps_to(targets, arm, lr, seeds(tables)) for lr in (ladder(outcomes, arm)[0], chosen.lr))
    level = deepest(at_best)
    if level is None:
        return evidence(seeds(tables), EVERY, part, None, "no loss level is reached by every run at the best rate")
    # A run that never gets there needs at least as many steps as it had: a lower bound, ranked worst.
    planned = outcomes[outcomes["norm"] == arm].groupby("seed")["steps"].max()
    needed = lowest[level].fillna(planned)
    return evidence(seeds(tables), EVERY, part, log(needed) - log(at_best[level]))


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
    shares = _shares(outcomes)
    return evidence(seeds(tables), EVERY, part, log(shares[rates[above]]) - log(shares[chosen.lr]))


def _shares(outcomes: pd.DataFrame) -> pd.DataFrame:
    # A run that diverged overshot for good: the largest share there is, ranked worst.
    shares = outcomes["increases"].mask(outcomes["diverged_step"].notna(), 1.0)
    return outcomes.assign(share=shares).pivot(index="seed", columns="lr", values="share")
