"""C1: without batch norm a layer's inputs come of a complex interaction of its parameters with those below."""

import pandas as pd

from normshift.judge.comparisons import ratio
from normshift.judge.evidence import EVERY, Evidence, evidence
from normshift.judge.frames import Tables, mean_log, seeds
from normshift.judge.rates import matched
from normshift.params import Rules
from normshift.tables import CAUSES

SITES = {"none": "u", "batch": "y"}  # without a normaliser y is u
COLUMNS = {"mean": "mean_shift", "sd": "sd_shift"}


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return ln(1 + rest / all) of a step's change of mean and sd, none at u over batch at y.

    Rest is the non-additive part, Delta(all) - Delta(below) - Delta(own); 1 + rest / all is by what factor the parts'
    sum may miss the whole, 1 where there is no interaction.
    """
    rates = matched(tables.rows("outcomes"), list(SITES))
    rows = pd.concat([tables.rows("attribution", norm=arm, site=site) for arm, site in SITES.items()])
    return [
        evidence(
            seeds(tables), EVERY, part, ratio(_missed(rows, column), *SITES, rates.kept), rates.reason, rates.dropped
        )
        for part, column in COLUMNS.items()
    ]


def _missed(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    keys = ["norm", "lr", "seed", "step", "layer"]
    sizes = rows.pivot(index=keys, columns="cause", values=column).reindex(columns=list(CAUSES)).reset_index()
    whole = sizes["all"].where(sizes["all"] > 0)
    return mean_log(sizes.assign(missed=1 + sizes["rest"] / whole), "missed")
