"""C3: batch norm lets beta and gamma set the mean and the sd at y (identity A, measurement.md 1.8)."""

import pandas as pd

from normshift.judge.evidence import EVERY, Evidence, evidence
from normshift.judge.frames import Tables, seeds
from normshift.params import Rules

ARMS = ("batch", "frozen")


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return the largest residual of identity A in batch mode: all orders, regimes, rates; runs that never diverged."""
    outcomes, identities = tables["outcomes"], tables["identities"]
    whole = outcomes[outcomes["diverged_step"].isna() & (outcomes["role"] == "judged") & outcomes["norm"].isin(ARMS)]
    rows = identities[identities["mode"] == "batch"].merge(whole[["study", "cell"]], on=["study", "cell"])
    residuals = pd.concat([rows["mean_residual"], rows["sd_residual"]])
    groups = residuals.groupby(pd.concat([rows["seed"], rows["seed"]]).to_numpy())
    largest = groups.max().where(groups.count() == groups.size())
    return [evidence(seeds(tables), EVERY, "residual", largest)]
