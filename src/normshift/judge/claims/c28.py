"""C28: learning rates have schedules, and so a large rate need not keep its shift to the end."""

import pandas as pd

from normshift.judge.evidence import Evidence, evidence, in_seeds
from normshift.judge.frames import Tables, mean_log, seeds, windowed
from normshift.judge.rates import MEMORISED, Rates, matched
from normshift.params import Rules

SCHEDULES = ("step", "cosine", "warmup_cosine", "one_cycle")
Y = {"norm": "batch", "horizon": "step", "site": "y", "mode": "batch", "probe": "first"}


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return by how much the late drift at y of a schedule lies below the middle of C24's gap, in ln.

    The gap lies between the lowest constant rate that learns and the schedule's own rate held constant; its middle is
    their geometric mean. Positive where the schedule closes more than half of it, in as many steps.
    """
    return [_closed(tables, regime, name, rules) for regime in ("clean", "fresh") for name in SCHEDULES]


def _closed(tables: Tables, regime: str, schedule: str, rules: Rules) -> Evidence:
    own = {"norm": "batch", "regime": regime}
    constant, scheduled = (
        matched(tables.rows("outcomes", schedule=name, **own), ["batch"], late=True, regime=regime)
        for name in ("constant", schedule)
    )
    dropped = (*constant.dropped, *scheduled.dropped)
    reason, memorised = _lacking(constant, scheduled)
    if reason:
        return evidence(seeds(tables), regime, schedule, None, reason, dropped, memorised)
    lowest, rate = constant.kept[0], scheduled.kept[-1]
    steady, late = (_late(tables, regime, name, rules, [lowest, rate]) for name in ("constant", schedule))
    gap = steady[rate] - steady[lowest]
    closed = (steady[rate] + steady[lowest]) / 2 - late[rate]
    there = gap > 0
    reason = None if there.all() else f"the rates {lowest:g} and {rate:g} leave no gap {in_seeds(~there)}"
    return evidence(seeds(tables), regime, schedule, closed.where(there), reason, dropped)


def _lacking(constant: Rates, scheduled: Rates) -> tuple[str | None, bool]:
    """Return why the two cannot be compared, and whether memorisation alone is to blame."""
    for one in (constant, scheduled):
        if one.reason:
            return one.reason, one.memorised
    rate = scheduled.kept[-1]
    if rate in constant.kept and rate > constant.kept[0]:
        return None, False
    drops = {drop.reason for drop in constant.dropped if drop.lr == rate}
    return f"no constant rates on both sides of a gap below {rate:g}", drops == {MEMORISED}


def _late(tables: Tables, regime: str, schedule: str, rules: Rules, rates: list[float]) -> pd.DataFrame:
    shifts = windowed(tables.rows("shifts", schedule=schedule, regime=regime, **Y), "late", rules)
    return mean_log(shifts, "mean_shift", ["lr"]).reindex(columns=rates)
