"""C20: not all mini-batches are similarly distributed (the multivariate hypergeometric distribution; no network)."""

import pandas as pd

from normshift.judge.doses import usual
from normshift.judge.evidence import EVERY, Evidence, evidence
from normshift.judge.frames import Tables, log, seeds
from normshift.params import Rules

QUANTITIES = 2  # of table heterogeneity


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return the largest |ln H - ln of its exact value| of label shares and input means, usual batches."""
    return [evidence(seeds(tables), EVERY, "residual", _residuals(tables))]


def _residuals(tables: Tables) -> pd.Series | None:
    if tables.heterogeneity is None:
        return None
    order, size = usual(tables)
    rows = tables.heterogeneity.query("order == @order and batch_size == @size")
    residuals = (log(rows["measured"]) - log(rows["expected"])).abs().groupby(rows["seed"])
    return residuals.max().where(residuals.count() == QUANTITIES)
