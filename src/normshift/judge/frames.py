"""Tables of all studies with the factors of their cells, and how claims read them."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from normshift.params import Rules

Tables = Mapping[str, pd.DataFrame]

# The tables that claims read.
READ = ("outcomes", "targets", "losses", "shifts", "noise", "motion", "identities")
# A table of cells holds its own column `steps`: updates planned.
ARCHITECTURE = ["model", "depth", "width", "activation"]
TRAINING = ["norm", "optimizer", "schedule", "order", "regime", "batch_size", "lr", "steps", "seed"]
FACTORS = ["role", *ARCHITECTURE, *TRAINING]

TOLD = ["norm", "order", "regime", "lr", "seed"]  # what claims tell apart


def joined(studies: Mapping[str, Tables]) -> dict[str, pd.DataFrame]:
    """Return each table of `READ` over all studies, every row with its study and its cell's factors.

    Cells are numbered anew, through all studies.
    """
    firsts = np.cumsum([0, *(len(tables["cells"]) for tables in studies.values())])
    numbered = list(zip(studies.items(), firsts, strict=False))
    return {
        name: pd.concat([_factored(study, tables, name, int(first)) for (study, tables), first in numbered])
        for name in READ
    }


def _factored(study: str, tables: Tables, name: str, first: int) -> pd.DataFrame:
    cells = tables["cells"][["cell", *FACTORS]]
    rows = tables[name].merge(cells, on="cell", validate="many_to_one")
    return rows.assign(study=study, cell=rows["cell"] + first)


def of_studies(tables: Tables, studies: Iterable[str]) -> dict[str, pd.DataFrame]:
    """Return the rows of the given studies."""
    names = list(studies)
    return {name: table[table["study"].isin(names)] for name, table in tables.items()}


def confounded(outcomes: pd.DataFrame) -> str | None:
    """Return which factors vary that no claim tells apart, in words, or None."""
    if not outcomes.duplicated(TOLD).any():
        return None
    varied = [name for name in ("study", *FACTORS) if name not in (*TOLD, "role")]
    varied = [name for name in varied if outcomes[name].nunique() > 1]
    if not varied:
        return f"several cells have the same {', '.join(TOLD)}, which the claim does not tell apart"
    return f"cells differ in {', '.join(varied)} too, which the claim does not tell apart"


def rows(table: pd.DataFrame, **where: str) -> pd.DataFrame:
    """Return the rows with the given values; judged cells in order reshuffle, regime clean, unless said otherwise."""
    wanted = {"role": "judged", "order": "reshuffle", "regime": "clean"} | where
    keep = np.logical_and.reduce([(table[column] == value).to_numpy() for column, value in wanted.items()])
    return table[keep]


def windowed(table: pd.DataFrame, window: str, rules: Rules) -> pd.DataFrame:
    """Return the rows whose next update lies in the early or the late share of the run."""
    # Rounded, or .7 * 10 would lie above 7.
    first, last = (table["steps"] * rules.early).round(6), (table["steps"] * (1 - rules.late)).round(6)
    return table[{"early": table["step"] < first, "late": table["step"] >= last}[window]]


def log(values: pd.Series) -> pd.Series:
    """Return natural logarithms; what is not positive has none."""
    return np.log(values.where(values > 0))


def mean_log(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the mean log of a column over points and layers: a row per seed, a column per (norm, lr).

    A value missing at any point or layer is missing in the mean.
    """
    groups = log(table[column]).groupby([table["norm"], table["lr"], table["seed"]])
    means = groups.mean().where(groups.count() == groups.size())
    return means.unstack(["norm", "lr"])


def of_arm(logs: pd.DataFrame, arm: str, rates: Iterable[float]) -> pd.DataFrame:
    """Return an arm's columns of `mean_log` at the given rates; what was never observed is missing."""
    columns = pd.MultiIndex.from_product([[arm], list(rates)], names=["norm", "lr"])
    return logs.reindex(columns=columns).droplevel("norm", axis=1)


def seeds(tables: Tables) -> list[int]:
    """Return the judged seeds of the run."""
    outcomes = tables["outcomes"]
    return sorted(int(seed) for seed in outcomes.loc[outcomes["role"] == "judged", "seed"].unique())
