"""C5: as beta and gamma change the distribution of the layer's inputs changes with them."""

import math

from normshift.judge.comparisons import ratio
from normshift.judge.evidence import Evidence, evidence
from normshift.judge.frames import Tables, mean_log, of_arm, seeds
from normshift.judge.rates import matched
from normshift.params import Rules


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return ln of the drift of the mean over one epoch at y in sigma (measurement.md 1.8, D_t(k)) over each yardstick.

    `noise`: one mini-batch's noise of a mean; `none`: the same drift without batch norm. Not W2 against frozen affine:
    examples that jitter roughen two sketches of one distribution alike, and that floor hides the ratio.
    """
    shifts = tables.rows("shifts", regime="fresh", horizon="epoch", site="y", mode="batch", probe="first")
    logs = mean_log(shifts, "mean_shift")
    learnt = tables.rows("outcomes", regime="fresh")
    alone, paired = (matched(learnt, arms, regime="fresh") for arms in (["batch"], ["batch", "none"]))
    over_noise = of_arm(logs, "batch", alone.kept).mean(axis=1, skipna=False) - math.log(rules.noise)
    over_none = ratio(logs, "batch", "none", paired.kept)
    return [
        evidence(seeds(tables), "noise", "drift", over_noise if alone.kept else None, alone.reason, alone.dropped),
        evidence(seeds(tables), "none", "drift", over_none, paired.reason, paired.dropped),
    ]
