"""C27: the best learning rate is as high as possible while the network still converges."""

import math

from normshift.judge.evidence import EVERY, Evidence, evidence
from normshift.judge.frames import Tables, log, seeds
from normshift.judge.rates import best, highest
from normshift.params import Rules

NEAR = 2.0  # "near" means within a factor two (reference/claims.md)


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return ln 2 - ln(highest learning rate that learns / best one): positive where they are within a factor two."""
    return [_nearness(tables, arm) for arm in ("batch", "none")]


def _nearness(tables: Tables, arm: str) -> Evidence:
    chosen = best(tables.rows("outcomes", role="tuning"), arm)
    if chosen.lr is None:
        return evidence(seeds(tables), EVERY, arm, None, chosen.reason)
    top = highest(tables.rows("outcomes"), arm, seeds(tables))
    nearness = math.log(NEAR) - (log(top.rates) - math.log(chosen.lr)).abs()
    return evidence(seeds(tables), EVERY, arm, nearness, top.reason)
