"""C19: learning almost flattens out if the mini-batches are similarly distributed."""

import pandas as pd

from normshift.judge.doses import DOSE, LEAST, Dose, heterogeneity, rise, sound
from normshift.judge.evidence import Evidence, evidence
from normshift.judge.frames import EVERY_VALUE, Tables, seeds
from normshift.judge.rates import MEMORISED
from normshift.params import Rules

# What varies H: labels mixed ever less, in random time order; the size of a batch, at equal examples seen.
DOSES = {
    "order": ("order", {"order": ["stratified", "dirichlet", "blocked"]}),
    "size": ("batch_size", {"batch_size": EVERY_VALUE}),
}


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return by how much more ln training loss falls in the late window at the largest H than at the smallest."""
    return [
        _flattening(tables, f"{name}, {arm}", regime, outcomes(tables, name, norm=arm, regime=regime), rules)
        for regime in ("clean", "fresh")
        for name in DOSES
        for arm in ("batch", "none")
    ]


def outcomes(tables: Tables, name: str, **where: str) -> pd.DataFrame:
    """Return the outcomes of an arm at the doses of one kind, at the rates at which there are others than the usual."""
    study, doses = DOSES[name]
    # Batches of another size make fewer or more steps of as many examples.
    rows = tables.united("outcomes", ("core", where), (study, doses | where), long="unlike")
    return rows[rows["lr"].isin(rows.loc[rows["study"] == study, "lr"])]


def _flattening(tables: Tables, part: str, regime: str, outcomes: pd.DataFrame, rules: Rules) -> Evidence:
    found, dropped = sound(outcomes, outcomes["memorised"], MEMORISED)
    kept = {lr: doses for lr, doses in found.items() if len(doses) >= LEAST}
    if not kept:
        seen = int(outcomes[["lr", *DOSE]].drop_duplicates().groupby("lr").size().max()) if len(outcomes) else 0
        reason = f"{seen} doses of H with regime {regime} in this run, {LEAST} needed"
        memorised = seen >= LEAST
        return evidence(seeds(tables), regime, part, None, "memorised" if memorised else reason, dropped, memorised)
    rows = outcomes.assign(fall=falls(outcomes, rules))
    each = [_across(tables, rows[rows["lr"] == lr], doses) for lr, doses in kept.items()]
    return evidence(seeds(tables), regime, part, pd.concat(each, axis=1).mean(axis=1, skipna=False), None, dropped)


def falls(outcomes: pd.DataFrame, rules: Rules) -> pd.Series:
    """Return the fall of ln training loss over the late window: slope there times steps there over the mean there.

    A run that diverged learns no more: 0, the worst (measurement: addendum, learning).
    """
    fall = -outcomes["late_slope"] * outcomes["steps"] * rules.late / outcomes["late_loss"]
    return fall.mask(outcomes["diverged_step"].notna(), 0.0)


def _across(tables: Tables, outcomes: pd.DataFrame, doses: list[Dose]) -> pd.Series:
    known = heterogeneity(tables, doses)
    wide = outcomes.pivot(index="seed", columns=DOSE, values="fall").reindex(index=known.index, columns=known.columns)
    return rise(wide, known)
