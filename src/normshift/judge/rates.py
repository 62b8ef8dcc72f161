"""Which learning rates a comparison may use: the fairness rules of measurement.md's addendum, on table `outcomes`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from normshift.judge.evidence import Dropped, in_seeds

UNLEARNED = "did not learn"
MEMORISED = "late window memorised"
EDGE = "best learning rate at the edge of the grid"


@dataclass(frozen=True)
class Rates:
    """The learning rates a comparison keeps, and those it dropped."""

    kept: tuple[float, ...]
    dropped: tuple[Dropped, ...]
    reason: str | None = None  # why too few are kept
    memorised: bool = False  # too few, and for memorised late windows alone


def absent(outcomes: pd.DataFrame, arms: Sequence[str], regime: str, what: str = "cells") -> str | None:
    """Return which arms have no rows among those of a regime in order reshuffle, in words, or None."""
    missing = [arm for arm in arms if not (outcomes["norm"] == arm).any()]
    where = f"with regime {regime}, order reshuffle in this run"
    return f"no {what} of {'arm' if len(missing) == 1 else 'arms'} {', '.join(missing)} {where}" if missing else None


def matched(
    outcomes: pd.DataFrame, arms: Sequence[str], late: bool = False, least: int = 1, regime: str = "clean"
) -> Rates:
    """Return the rates all arms have, less those at which any judged seed of any arm did not learn.

    In a late window also less those at which any is memorised: dropped for all arms and seeds alike. Fewer than
    `least` rates are none; if memorisation alone left so few, the level is memorised. `regime` is that of the rows.
    """
    if missing := absent(outcomes, arms, regime):
        return Rates((), (), missing)
    outcomes = outcomes[outcomes["norm"].isin(arms)]
    shared = common(outcomes, arms)
    if not shared:
        return Rates((), (), _apart(arms))
    dropped = _failing(outcomes, shared, ~outcomes["learned"], UNLEARNED)
    learned = [lr for lr in shared if lr not in {drop.lr for drop in dropped}]
    if late:
        dropped += _failing(outcomes, learned, outcomes["memorised"], MEMORISED)
    kept = tuple(lr for lr in shared if lr not in {drop.lr for drop in dropped})
    if len(kept) >= least:
        return Rates(kept, tuple(dropped))
    if len(learned) >= least:
        return Rates((), tuple(dropped), "memorised", True)
    return Rates((), tuple(dropped), f"every judged seed learns at {len(learned)} learning rates, {least} needed")


def common(outcomes: pd.DataFrame, arms: Sequence[str]) -> list[float]:
    """Return the learning rates that all arms have, lowest first."""
    return sorted(set.intersection(*(set(ladder(outcomes, arm)) for arm in arms)))


def _apart(arms: Sequence[str]) -> str:
    return f"arms {', '.join(arms)} have no learning rate in common"


def every(outcomes: pd.DataFrame, arms: Sequence[str], regime: str = "clean") -> Rates:
    """Return the rates all arms have, whether they learn there or not: for estimands of speed, failures ranked worst.

    `outcomes` and `regime` as of `matched`.
    """
    if missing := absent(outcomes, arms, regime):
        return Rates((), (), missing)
    shared = tuple(common(outcomes, arms))
    return Rates(shared, ()) if shared else Rates((), (), _apart(arms))


def _failing(outcomes: pd.DataFrame, rates: Sequence[float], fails: pd.Series, reason: str) -> list[Dropped]:
    counts = outcomes[fails & outcomes["lr"].isin(rates)].groupby(["lr", "norm"]).size()
    return [Dropped(float(lr), str(arm), reason, int(seeds)) for (lr, arm), seeds in counts.items()]


def without(
    outcomes: pd.DataFrame, rates: Sequence[float], fails: pd.Series, reason: str
) -> tuple[list[float], list[Dropped]]:
    """Return the rates at which no row fails, and the others."""
    dropped = _failing(outcomes, rates, fails, reason)
    return [lr for lr in rates if lr not in {drop.lr for drop in dropped}], dropped


def diverged(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Say which runs of an arm diverged: a row per seed, a column per learning rate."""
    return outcomes["diverged_step"].notna().groupby([outcomes["seed"], outcomes["lr"]]).any().unstack("lr")


def ladder(outcomes: pd.DataFrame, arm: str) -> list[float]:
    """Return an arm's learning rates, lowest first."""
    return sorted(float(lr) for lr in outcomes.loc[outcomes["norm"] == arm, "lr"].unique())


@dataclass(frozen=True)
class Best:
    """An arm's best learning rate, or None and why there is none to use."""

    lr: float | None
    reason: str | None = None


def best(tuning: pd.DataFrame, arm: str, regime: str = "clean") -> Best:
    """Return the rate with the lowest median, over the tuning seeds, of the mean training loss (diverged: infinite).

    Ties go to the lower rate. An optimum at the edge of the arm's grid is none: a better one may lie beyond.
    """
    if missing := absent(tuning, [arm], regime, "tuning seeds"):
        return Best(None, missing)
    outcomes = tuning[tuning["norm"] == arm]
    medians = outcomes["area"].fillna(np.inf).groupby(outcomes["lr"]).median().sort_index()
    if not np.isfinite(medians.min()):
        return Best(None, f"arm {arm} diverges at every learning rate")
    lr = float(medians.idxmin())
    if lr in (medians.index[0], medians.index[-1]):
        return Best(None, f"{EDGE} (arm {arm}, {lr:g})")
    return Best(lr)


@dataclass(frozen=True)
class Chosen:
    """Each arm's best learning rate; none where ``reason`` says why not."""

    rates: dict[str, float]
    reason: str | None = None
    dropped: tuple[Dropped, ...] = ()
    memorised: bool = False


def chosen(
    outcomes: pd.DataFrame, tuning: pd.DataFrame, arms: Sequence[str], late: bool = False, regime: str = "clean"
) -> Chosen:
    """Return the arms' best rates for an estimand of drift: every judged seed learns there, none is memorised late."""
    bests = {arm: best(tuning, arm, regime) for arm in arms}
    if reasons := [one.reason for one in bests.values() if one.reason]:
        return Chosen({}, "; ".join(reasons))
    rates = {arm: one.lr for arm, one in bests.items()}
    cells = outcomes[outcomes["lr"] == outcomes["norm"].map(rates)]
    fails = {UNLEARNED: ~cells["learned"]} | ({MEMORISED: cells["memorised"]} if late else {})
    for reason, failing in fails.items():
        if dropped := _failing(cells, list(rates.values()), failing, reason):
            return Chosen({}, f"{reason} at the best learning rate", tuple(dropped), reason == MEMORISED)
    return Chosen(rates)


@dataclass(frozen=True)
class Highest:
    """Per judged seed the highest learning rate that learned, and why it is missing where it is."""

    rates: pd.Series
    reason: str | None = None


def highest(outcomes: pd.DataFrame, arm: str, seeds: Sequence[int], regime: str = "clean") -> Highest:
    """Return per judged seed the highest learning rate that learned.

    Missing where none did, and where the grid's highest did: the answer lies beyond the grid, and is never imputed.
    """
    if missing := absent(outcomes, [arm], regime):
        return Highest(pd.Series(np.nan, index=list(seeds)), missing)
    learned = outcomes[(outcomes["norm"] == arm) & outcomes["learned"]]
    rates = learned.groupby("seed")["lr"].max().reindex(list(seeds))
    beyond = rates == max(ladder(outcomes, arm))
    counts = {
        "no learning rate learns": rates.isna(),
        "the grid's highest learning rate learns, so that the highest that does lies outside the grid": beyond,
    }
    told = [f"{what} {in_seeds(where)}" for what, where in counts.items() if where.any()]
    return Highest(rates.mask(beyond), f"arm {arm}: {', '.join(told)}" if told else None)
