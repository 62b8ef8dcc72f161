"""C9: the changes of beta and gamma are minor if the mini-batches are similarly distributed."""

import numpy as np
import pandas as pd

from normshift.judge.doses import DOSE, LEAST, Dose, fitted, heterogeneity, sound, usual
from normshift.judge.evidence import EVERY, Evidence, evidence
from normshift.judge.frames import Tables, log, mean_log, seeds
from normshift.judge.rates import UNLEARNED
from normshift.params import Rules

ORDERS = ["stratified", "dirichlet", "blocked"]  # beside the usual one: labels mixed ever less, in random time order
REGIME = "fresh"  # nothing is memorised there, so that every step of the run is one of learning


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return ln of the mean |step| at the H of usual batches over that at H = 0, by step^2 = a + b H."""
    outcomes = _rows(tables, "outcomes")
    found, dropped = sound(outcomes, ~outcomes["learned"], UNLEARNED)
    kept = {lr: doses for lr, doses in found.items() if usual(tables) in doses and len(doses) >= LEAST}
    parts = []
    for parameter in ("beta", "gamma"):
        effect, reason = _shrinkage(tables, parameter, kept)
        parts.append(evidence(seeds(tables), EVERY, parameter, effect, reason, dropped))
    return parts


def _rows(tables: Tables, name: str, **where: str) -> pd.DataFrame:
    own = {"norm": "batch", "regime": REGIME} | where
    rows = tables.united(name, ("core", own), ("order", {"order": ORDERS} | own))
    return rows[rows["lr"].isin(rows.loc[rows["order"].isin(ORDERS), "lr"])]


def _shrinkage(tables: Tables, parameter: str, kept: dict[float, list[Dose]]) -> tuple[pd.Series | None, str | None]:
    if not kept:
        return None, f"at no learning rate does every seed learn at the usual H and at {LEAST - 1} others"
    motion = _rows(tables, "motion", parameter=parameter, window="all")
    each = [_at(tables, motion[motion["lr"] == lr], doses) for lr, doses in kept.items()]
    effect = pd.concat(each, axis=1).mean(axis=1, skipna=False)
    return effect, None if effect.notna().all() else "a step or H is missing, or the fitted step vanishes before H does"


def _at(tables: Tables, motion: pd.DataFrame, doses: list[Dose]) -> pd.Series:
    known = heterogeneity(tables, doses)
    steps = np.exp(mean_log(motion, "mean_step", DOSE).reindex(index=known.index, columns=known.columns))
    line = fitted(steps, known)
    at_usual = line["a"] + line["b"] * known[usual(tables)]
    return (log(at_usual) - log(line["a"])) / 2
