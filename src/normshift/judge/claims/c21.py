"""C21: from mini-batches the best rescaling parameters are learnt, as in a regression."""

import math

import numpy as np
import pandas as pd

from normshift.judge.evidence import Evidence, evidence, in_seeds
from normshift.judge.frames import EVERY_VALUE, Tables, mean_log, seeds
from normshift.params import Rules

NEAR = math.log(1.25)  # full-batch training must come nearer by this to show that the run is long enough
LEAST = float(np.finfo(np.float32).eps)  # what single precision tells from 0 in a loss, a number of order 1
ANY = dict.fromkeys(("model", "depth", "width", "activation", "batch_size"), EVERY_VALUE)  # the study has one network


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return ln of the excess loss of the distorted optimum over that of the run, mean over rates, for each order.

    The distorted optimum is the closed-form one of the single-shuffle problem (Wu, Yun & Sra 2023). Missing where the
    full batch, the control, does not come nearer than it to the optimum.
    """
    rows = tables.rows("regression", norm="batch", order=["reshuffle", "single"], **ANY)
    whole = rows["batch_size"] == rows["batch_size"].max()
    ended = _logs(rows[whole], "excess")
    parts = []
    for order in ("reshuffle", "single"):
        own = rows[~whole & (rows["order"] == order)]
        distorted = _logs(own, "distorted")
        near = (distorted - ended).reindex(distorted.index).mean(axis=1, skipna=False) > NEAR
        reason = None if near.all() else f"the full batch comes no nearer to the optimum {in_seeds(~near)}"
        reason = f"no cells of order {order} in this run" if own.empty else reason
        effect = (distorted - _logs(own, "excess")).mean(axis=1, skipna=False).where(near)
        parts.append(evidence(seeds(tables), order, "distance", effect, reason))
    return parts


def _logs(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    return mean_log(rows.assign(**{column: rows[column].clip(lower=LEAST)}), column, ["lr"])
