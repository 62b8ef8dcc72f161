"""C29: running averages weigh only the last mini-batches, and so miss the data where these are badly shuffled."""

import pandas as pd

from normshift.judge.evidence import EVERY, Evidence, evidence
from normshift.judge.frames import Tables, mean_log, seeds
from normshift.params import Rules

SHORT, LONG = "batch", "ema_001"  # memories of some 10 and some 100 batches: half an epoch, and five
POINTS = 100  # per unit of accuracy


def effects(tables: Tables, rules: Rules) -> list[Evidence]:
    """Return by how much running averages miss the probe: more if sorted, less with a long memory; what it costs.

    `order`: ln TID (Wang, Wu & Huang 2022) of the mean, sorted over reshuffled; `memory`: short over long, sorted; mean
    over layers and four places in the epoch. `accuracy`: sorted, population over running statistics, same weights.
    """
    rates = sorted(tables.of_studies(["ema"]).rows("outcomes", norm=LONG, order="sorted")["lr"].unique())
    logs = mean_log(_rows(tables, "discrepancies", rates), "tid_mean", ["norm", "order", "lr"])
    outcomes = _rows(tables, "outcomes", rates)
    own = outcomes[(outcomes["norm"] == SHORT) & (outcomes["order"] == "sorted")]
    lost = (own["test_accuracy_population"] - own["test_accuracy_ema"]) * POINTS
    parts = {
        "order": _apart(logs, (SHORT, "sorted"), (SHORT, "reshuffle"), rates),
        "memory": _apart(logs, (SHORT, "sorted"), (LONG, "sorted"), rates),
        "accuracy": lost.groupby(own["seed"]).agg(lambda points: points.mean(skipna=False)),
    }
    reason = None if rates else "no cells of order sorted in study ema in this run"
    return [evidence(seeds(tables), EVERY, part, effect, reason) for part, effect in parts.items()]


def _rows(tables: Tables, name: str, rates: list[float]) -> pd.DataFrame:
    orders = {"order": ["sorted", "reshuffle"], "lr": rates}
    return tables.united(name, ("core", {"norm": SHORT} | orders), ("ema", {"norm": LONG} | orders))


def _apart(logs: pd.DataFrame, one: tuple[str, str], other: tuple[str, str], rates: list[float]) -> pd.Series:
    """Return per seed the difference of two (arm, order) in log, mean over rates."""
    columns = [
        pd.MultiIndex.from_tuples([(*key, lr) for lr in rates], names=logs.columns.names) for key in (one, other)
    ]
    over, under = (logs.reindex(columns=each).to_numpy(dtype=float) for each in columns)
    return pd.DataFrame(over - under, index=logs.index).mean(axis=1, skipna=False)
