"""C25: a really high learning rate makes convergence rapid."""

import pandas as pd

from normshift.judge.comparisons import per_tripling
from normshift.judge.evidence import Evidence, evidence
from normshift.judge.frames import Tables, log, seeds
from normshift.judge.rates import best, ladder
from normshift.judge.targets import UNREACHED, deepest, steps_or_all, steps_to
from normshift.params import Rules

SIDES = ("below", "above")
LEAST = 3  # rates on a side, the best one included: a slope over fewer says little


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return the fall of ln steps to the target per tripling of the rate, on each side of the best rate."""
    return [_gain(tables, side, arm) for side in SIDES for arm in ("batch", "none")]


def _gain(tables: Tables, side: str, arm: str) -> Evidence:
    chosen = best(tables.rows("outcomes", role="tuning"), arm)
    if chosen.lr is None:
        return evidence(seeds(tables), side, arm, None, chosen.reason)
    targets = tables.rows("targets")
    every = ladder(tables.rows("outcomes"), arm)
    rates = [lr for lr in every if (lr <= chosen.lr if side == "below" else lr >= chosen.lr)]
    if len(rates) < LEAST:
        return evidence(seeds(tables), side, arm, None, f"{len(rates)} rates {side} and at the best, {LEAST} needed")
    level = deepest(steps_to(targets, arm, chosen.lr, seeds(tables)))
    if level is None:
        return evidence(seeds(tables), side, arm, None, UNREACHED)
    needed = {(arm, lr): log(steps_or_all(targets, arm, lr, level, seeds(tables))) for lr in rates}
    steps = pd.DataFrame(needed).rename_axis(columns=["norm", "lr"])
    return evidence(seeds(tables), side, arm, -per_tripling(steps, arm, rates))
