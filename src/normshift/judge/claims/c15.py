"""C15: little changes from one iteration to the next, so batch norm is not needed."""

import numpy as np
import pandas as pd

from normshift.judge.evidence import EVERY, Evidence, evidence
from normshift.judge.frames import Tables, log, mean_log, of_arm, seeds
from normshift.judge.rates import best, highest, ladder, matched
from normshift.judge.targets import deepest, steps_to
from normshift.params import Rules

ARMS = ("none", "batch")


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return, where the premise holds, ln(steps of batch / of none) and the grid steps by which none tolerates more.

    The premise, per seed: without batch norm a step's drift at y, geometric mean over points and layers, stays below
    one mini-batch's noise at every learning rate that learns. Both parts are positive where none is no worse off.
    """
    holds, dropped, fails = _premise(tables, rules)
    parts = []
    for part, values, reason in (("speed", *_speed(tables)), ("tolerance", *_tolerance(tables))):
        effect = None if values is None else values.where(holds.reindex(values.index, fill_value=False))
        parts.append(evidence(seeds(tables), EVERY, part, effect, reason or fails, dropped))
    return parts


def _premise(tables: Tables, rules: Rules) -> tuple[pd.Series, tuple, str | None]:
    rates = matched(tables.rows("outcomes"), ["none"])
    shifts = tables.rows("shifts", norm="none", horizon="step", site="y", mode="batch", probe="first")
    if rates.reason:
        return pd.Series(False, index=seeds(tables)), rates.dropped, f"the premise cannot be seen: {rates.reason}"
    drifts = of_arm(mean_log(shifts, "mean_shift"), "none", rates.kept).reindex(seeds(tables))
    holds = (drifts < np.log(rules.noise)).all(axis=1)
    fails = f"the premise fails in {(~holds).sum()} seeds: a step drifts further than one mini-batch's noise"
    return holds, rates.dropped, None if holds.all() else fails


def _speed(tables: Tables) -> tuple[pd.Series | None, str | None]:
    tuning = tables.rows("outcomes", role="tuning")
    bests = [best(tuning, arm) for arm in ARMS]
    if reasons := [one.reason for one in bests if one.reason]:
        return None, "; ".join(reasons)
    targets = tables.rows("targets")
    none, batch = (steps_to(targets, arm, one.lr, seeds(tables)) for arm, one in zip(ARMS, bests, strict=True))
    level = deepest(none, batch)
    if level is None:
        return None, "no loss level is reached by every run at its arm's best learning rate"
    return log(batch[level]) - log(none[level]), None


def _tolerance(tables: Tables) -> tuple[pd.Series | None, str | None]:
    outcomes = tables.rows("outcomes")
    rates = sorted({lr for arm in ARMS for lr in ladder(outcomes, arm)})
    index = {lr: float(place) for place, lr in enumerate(rates)}
    found = [highest(outcomes, arm, seeds(tables)) for arm in ARMS]
    none, batch = (one.rates.map(index) for one in found)
    return none - batch, "; ".join(one.reason for one in found if one.reason) or None
