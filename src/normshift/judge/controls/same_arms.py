"""A/A: two arms that are the same. Batch norm is compared with itself on further seeds; nothing may have a direction.

Seeds in pairs play the arms of a comparison, and the claims' own functions are read off them. They are no true pairs,
so they scatter more than judged seeds do: the error that is looked for is one of the machinery.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from normshift.judge.claims import REGISTRY
from normshift.judge.comparisons import ratio
from normshift.judge.evidence import Evidence
from normshift.judge.frames import Tables, mean_log, seeds, windowed
from normshift.judge.judging import judged
from normshift.judge.rule import CONTRADICTED, SUPPORTED, decided
from normshift.params import Claims, Rules

Effects = Callable[[Tables, Rules], list[Evidence]]

STUDY = "same_arm"
ARM = "batch"
REGIMES = ("clean", "fresh")  # claims look in either: both are given the same rows


@dataclass(frozen=True)
class Compared:
    """The two arms whose difference a claim's effect is, and at which of its levels or parts, where not at all."""

    arms: tuple[str, str] = ("none", "batch")
    only: tuple[str, ...] = ()


# The claims whose effect is nought where their arms are the same. Parts that need tuning seeds or several rates, or
# other networks, cannot be read off the study and are left out.
COMPARED = {
    "C4a": Compared(),
    "C4b": Compared(),
    "C5": Compared(only=("none",)),
    "C6": Compared(("frozen", "batch")),
    "C7": Compared(),
}


@dataclass(frozen=True)
class Estimand:
    """A number of one run, read as ln of its geometric mean over the rows: a table, a column, which rows."""

    table: str
    column: str
    where: Mapping[str, Any] = field(default_factory=dict)
    window: str | None = None


Y = {"site": "y", "mode": "batch", "probe": "first"}
# What claims compare at several learning rates, or between other arms, read at this one rate.
ESTIMANDS = {
    "drift over a step, early": Estimand("shifts", "mean_shift", Y | {"horizon": "step"}, "early"),
    "drift over a step, late": Estimand("shifts", "mean_shift", Y | {"horizon": "step"}, "late"),
    "drift over an epoch": Estimand("shifts", "mean_shift", Y | {"horizon": "epoch"}),
    "W2 over an epoch": Estimand("shifts", "w2", Y | {"horizon": "epoch"}),
    "noise of the mean at a": Estimand("noise", "mean_noise", {"site": "a"}),
    "late steps of beta": Estimand("motion", "mean_step", {"parameter": "beta", "window": "late"}),
    "late fluctuation of beta": Estimand("motion", "fluctuation", {"parameter": "beta", "window": "late"}),
    "relative change of the gradient": Estimand("gradients", "relative", {"reading": "without"}),
    "change of the gradient per displacement": Estimand("gradients", "per_displacement", {"reading": "without"}),
    "predictiveness of the gradient": Estimand("variation", "predictiveness"),
    "share of steps that raise the loss": Estimand("outcomes", "increases"),
    "mean training loss": Estimand("outcomes", "area"),
}
MARGIN = float(np.log(1.25))  # of positive quantities (measurement.md, addendum)


def control(claims: Claims, tables: Tables, functions: Mapping[str, Effects] = REGISTRY) -> dict[str, Any]:
    """Return how many comparisons of equal arms were judged and which of them got a direction; none should."""
    own = tables.of_studies([STUDY])
    arms = own.cells[own.cells["cell"].isin(own.rows("outcomes", norm=ARM)["cell"])]
    pairs = arms["seed"].nunique() // 2
    if pairs < claims.rules.seeds:
        return {"reason": f"study {STUDY} has {pairs} pairs of seeds in this run, {claims.rules.seeds} needed"}
    paired = replace(own, cells=arms)
    found = dict([*of_claims(claims, paired, functions), *of_estimands(paired, claims.rules)])
    directional = [name for name, verdict in found.items() if verdict in (SUPPORTED, CONTRADICTED)]
    return {
        "pairs": pairs, "judged": len(found), "directional": len(directional), "names": directional,
        "holds": not directional, "verdicts": found,
    }  # fmt: skip


def relabelled(tables: Tables, arms: tuple[str, str]) -> Tables:
    """Return the cells with their seeds in pairs: the lower one of pair k is the first arm, the higher the second."""
    cells = tables.cells.sort_values("seed")
    places = cells["seed"].rank(method="dense").astype(int) - 1
    named = cells.assign(norm=np.array(arms)[places % 2], seed=places // 2)
    named = named[named["seed"] < cells["seed"].nunique() // 2]  # an odd seed out has no partner
    apart = int(named["cell"].max()) + 1
    copies = [named.assign(regime=name, cell=named["cell"] + place * apart) for place, name in enumerate(REGIMES)]
    frames = {}
    for name, frame in tables.frames.items():
        mine = frame[frame["cell"].isin(named["cell"])]
        frames[name] = pd.concat([mine.assign(cell=mine["cell"] + place * apart) for place in range(len(REGIMES))])
    return replace(tables, frames=frames, cells=pd.concat(copies))


def of_claims(claims: Claims, tables: Tables, functions: Mapping[str, Effects]) -> Iterator[tuple[str, str]]:
    """Yield name and verdict of every part of a claim in `COMPARED` that can be read off the pairs."""
    for name, compared in COMPARED.items():
        if name in claims.claims:
            items = functions[name](relabelled(tables, compared.arms), claims.rules)
            levels = judged(claims.claims[name], items, claims.rules).levels
            mine = [item for item in items if not compared.only or {item.level, item.part} & set(compared.only)]
            for item in (item for item in mine if item.effects.notna().any()):
                yield f"{name}, {item.level}, {item.part}", levels[item.level].parts[item.part].verdict


def of_estimands(tables: Tables, rules: Rules) -> Iterator[tuple[str, str]]:
    """Yield name and verdict of every estimand: the same rule on the log ratio of the two arms."""
    tables = relabelled(tables, Compared.arms)
    for name, estimand in ESTIMANDS.items():
        rows = tables.rows(estimand.table, **estimand.where)
        rows = rows if estimand.window is None else windowed(rows, estimand.window, rules)
        effects = ratio(mean_log(rows, estimand.column), *Compared.arms, sorted(rows["lr"].unique()))
        if effects is not None:
            yield name, decided(effects.reindex(seeds(tables)), MARGIN, rules).verdict
