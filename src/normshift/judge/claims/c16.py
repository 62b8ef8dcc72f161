"""C16: beta and gamma are learnt like any other parameter (gradient descent's update rule)."""

import pandas as pd

from normshift.judge.evidence import EVERY, Evidence, evidence
from normshift.judge.frames import Tables, seeds
from normshift.judge.rates import common
from normshift.params import Rules

REGIMES = ["clean", "fresh"]
STILL = ["rate_0", "frozen"]  # gamma and beta that learn at rate 0 times the others', and that do not learn


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return the largest residuals: of |change| = lr |gradient|, and of the losses at rate 0 against frozen."""
    return [
        evidence(seeds(tables), EVERY, "step", _steps(tables)),
        evidence(seeds(tables), EVERY, "rate 0", _losses(tables)),
    ]


def _steps(tables: Tables) -> pd.Series:
    outcomes = tables.rows("outcomes", norm="batch", regime=REGIMES)
    whole = outcomes.loc[outcomes["diverged_step"].isna(), "cell"]
    rows = tables.rows("updates", norm="batch", regime=REGIMES)
    rows = rows[rows["cell"].isin(whole)]
    return _largest(rows["residual"], rows["seed"])


def _losses(tables: Tables) -> pd.Series:
    outcomes = tables.rows("outcomes", norm=STILL, regime=REGIMES)
    rows = tables.rows("losses", norm=STILL, regime=REGIMES, lr=common(outcomes, STILL))
    keys = ["regime", "lr", "seed", "step"]
    gaps = []
    for column in ("loss", "training_loss"):
        pairs = rows.pivot(index=keys, columns="norm", values=column).reindex(columns=STILL)
        gaps.append((pairs["rate_0"] - pairs["frozen"]).abs())
    found = pd.concat(gaps)
    return _largest(found, pd.Series(found.index.get_level_values("seed"), found.index))


def _largest(values: pd.Series, seed: pd.Series) -> pd.Series:
    groups = values.groupby(seed.to_numpy())
    return groups.max().where(groups.count() == groups.size())
