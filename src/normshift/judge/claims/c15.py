"""C15: little changes from one iteration to the next, so batch norm is not needed."""

from dataclasses import replace

import numpy as np
import pandas as pd

from normshift.judge.evidence import Dropped, Evidence, evidence, in_seeds
from normshift.judge.frames import EVERY_VALUE, Tables, log, mean_log, of_arm, seeds
from normshift.judge.rates import best, highest, matched
from normshift.judge.targets import deepest, steps_to
from normshift.params import Rules

ARMS = ("none", "batch")
SHALLOW, DEEP = 1, 10  # hidden layers, in study depth; the reference network lies between
Effects = tuple[pd.Series | None, str | None]  # by seed, and why they are missing


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return, where the premise holds, ln(steps of batch / of none) and ln(highest rate of none / of batch).

    The premise, per seed: without batch norm a step's drift at y, geometric mean over points and layers, stays below
    one mini-batch's noise at every learning rate that learns. Both parts are positive where none is no worse off.
    `shallow` has one hidden layer; `deep` is the mean of the reference network and the deepest.
    """
    levels = {"shallow": [SHALLOW], "deep": [int(tables.reference["depth"]), DEEP]}
    return [item for level, depths in levels.items() for item in _level(tables, level, depths, rules)]


def _level(tables: Tables, level: str, depths: list[int], rules: Rules) -> list[Evidence]:
    every = [_of_depth(tables, depth, rules) for depth in depths]
    dropped = [drop for _, drops in every for drop in drops]
    parts = []
    for part in ("speed", "tolerance"):
        values, reasons = zip(*(found[part] for found, _ in every), strict=True)
        whole = None if any(one is None for one in values) else pd.concat(values, axis=1).mean(axis=1, skipna=False)
        named = [f"depth {depth}: {reason}" for depth, reason in zip(depths, reasons, strict=True) if reason]
        parts.append(evidence(seeds(tables), level, part, whole, "; ".join(named) or None, dropped))
    return parts


def _of_depth(tables: Tables, depth: int, rules: Rules) -> tuple[dict[str, Effects], tuple[Dropped, ...]]:
    """Return both parts at one depth, missing in the seeds in which the premise fails."""
    usual = depth == tables.reference["depth"]
    own = tables.of_studies(["core" if usual else "depth"])
    fine = tables.of_studies(["ladder" if usual else "depth"])
    holds, drops, fails = _premise(own, depth, rules)
    dropped = drops if usual else tuple(replace(drop, arm=f"{drop.arm}, depth {depth}") for drop in drops)
    found = {}
    for part, (values, reason) in {"speed": _speed(own, depth), "tolerance": _tolerance(fine, depth)}.items():
        effect = None if values is None else values.where(holds.reindex(values.index, fill_value=False))
        found[part] = effect, reason or fails
    return found, dropped


def _rows(tables: Tables, name: str, depth: int, **where: str) -> pd.DataFrame:
    return tables.rows(name, model=EVERY_VALUE, depth=depth, **where)


def _premise(tables: Tables, depth: int, rules: Rules) -> tuple[pd.Series, tuple[Dropped, ...], str | None]:
    rates = matched(_rows(tables, "outcomes", depth), ["none"])
    shifts = _rows(tables, "shifts", depth, norm="none", horizon="step", site="y", mode="batch", probe="first")
    if rates.reason:
        return pd.Series(False, index=seeds(tables)), rates.dropped, f"the premise cannot be seen: {rates.reason}"
    drifts = of_arm(mean_log(shifts, "mean_shift"), "none", rates.kept).reindex(seeds(tables))
    holds = (drifts < np.log(rules.noise)).all(axis=1)
    fails = f"the premise fails {in_seeds(~holds)}: a step drifts further than one mini-batch's noise"
    return holds, rates.dropped, None if holds.all() else fails


def _speed(tables: Tables, depth: int) -> Effects:
    tuning = _rows(tables, "outcomes", depth, role="tuning")
    bests = [best(tuning, arm) for arm in ARMS]
    if reasons := [one.reason for one in bests if one.reason]:
        return None, "; ".join(reasons)
    targets = _rows(tables, "targets", depth)
    none, batch = (steps_to(targets, arm, one.lr, seeds(tables)) for arm, one in zip(ARMS, bests, strict=True))
    level = deepest(none, batch)
    if level is None:
        return None, "no loss level is reached by every run at its arm's best learning rate"
    return log(batch[level]) - log(none[level]), None


def _tolerance(tables: Tables, depth: int) -> Effects:
    outcomes = _rows(tables, "outcomes", depth)
    none, batch = (highest(outcomes, arm, seeds(tables)) for arm in ARMS)
    return log(none.rates) - log(batch.rates), "; ".join(one.reason for one in (none, batch) if one.reason) or None
