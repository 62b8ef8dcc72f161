"""C2: without batch norm the distribution of a layer's inputs fluctuates a lot."""

import math

from normshift.judge.comparisons import over_the_run
from normshift.judge.evidence import Evidence, evidence
from normshift.judge.frames import Tables, mean_log, of_arm, seeds
from normshift.judge.rates import matched
from normshift.params import Rules

REGIME = "fresh"  # in regime clean what is memorised has nothing left to drift for
SCALES = {"own sigma": "mean_shift", "activation units": "mean_shift_raw"}


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return ln of the drift D_t(k) of the mean at y (measurement.md 1.8) over one mini-batch's noise, arm none.

    Over a step, mean over all points; since the start, at the end of the run.
    """
    rates = matched(tables.rows("outcomes", regime=REGIME), ["none"], regime=REGIME)
    where = {"regime": REGIME, "norm": "none", "site": "y", "mode": "batch", "probe": "first"}
    drifts = {horizon: tables.rows("shifts", horizon=horizon, **where) for horizon in ("step", "start")}
    drifts["start"] = over_the_run(drifts["start"])
    parts = []
    for horizon, rows in drifts.items():
        for part, column in SCALES.items():
            logs = of_arm(mean_log(rows, column), "none", rates.kept).mean(axis=1, skipna=False)
            effect = logs - math.log(rules.noise) if rates.kept else None
            parts.append(evidence(seeds(tables), horizon, part, effect, rates.reason, rates.dropped))
    return parts
