"""C11: beta and gamma take roughly optimal values early."""

import pandas as pd

from normshift.judge.areas import FROZEN, LEAST, arm_areas
from normshift.judge.evidence import Evidence, evidence, in_seeds
from normshift.judge.frames import Tables, mean, of_arm, seeds
from normshift.judge.rates import matched
from normshift.params import Rules

STARTS = ("start_final", "start_permuted")


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return, per regime, what freezing at tau has kept less what it has lost, and S(beta), S(gamma) less S(W)."""
    parts = []
    for regime in ("clean", "fresh"):
        parts += [_frozen(tables, regime, tau) for tau in FROZEN]
        parts += [_settled(tables, regime, parameter) for parameter in ("beta", "gamma")]
    return parts


def _frozen(tables: Tables, regime: str, tau: str) -> Evidence:
    """Return the freeze test: mean ln loss after tau.

    Kept: never learnt less frozen at tau. Lost: frozen at tau less as many weights frozen at tau. It is valid, per
    seed, where never learning costs more than the margin, and where the final values serve better to start from than
    the same ones dealt to other units: else there is nothing to settle at.
    """
    part, since = f"frozen at {tau}", FROZEN[tau]
    at = f"frozen_at_{round(100 * since)}"
    after, missing = arm_areas(tables, ["batch", "frozen", at, f"weights_{at}"], regime, since)
    start, absent = arm_areas(tables, STARTS, regime, 0.0)
    if after is None or start is None:
        return evidence(seeds(tables), regime, part, None, missing or absent)
    needed = after["frozen"] - after["batch"] > LEAST
    own = (start["start_permuted"] > start["start_final"]).reindex(after.index, fill_value=False)
    kept, lost = after["frozen"] - after[at], after[at] - after[f"weights_{at}"]
    return evidence(seeds(tables), regime, part, (kept - lost).where(needed & own), _invalid(needed, own))


def _invalid(needed: pd.Series, own: pd.Series) -> str | None:
    told = {
        "not needed: never learning beta and gamma costs no more than the margin": ~needed,
        "not their own: the final values do as well dealt to other units": needed & ~own,
    }
    return "; ".join(f"{why} {in_seeds(where)}" for why, where in told.items() if where.any()) or None


def _settled(tables: Tables, regime: str, parameter: str) -> Evidence:
    rates = matched(tables.rows("outcomes", regime=regime), ["batch"], regime=regime)
    found = {}
    for name in (parameter, "weight"):
        rows = tables.rows("settling", regime=regime, norm="batch", parameter=name)
        found[name] = of_arm(mean(rows, rows["settling"]), "batch", rates.kept).mean(axis=1, skipna=False)
    effect = found[parameter] - found["weight"] if rates.kept else None
    return evidence(seeds(tables), regime, parameter, effect, rates.reason, rates.dropped)
