"""Tables of all studies with the factors of their cells, and how claims read them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from normshift.params import Cell, Rules

# The tables that claims read.
READ = (
    "outcomes",
    "areas",
    "targets",
    "losses",
    "shifts",
    "noise",
    "motion",
    "updates",
    "identities",
    "settling",
    "diffusion",
    "gradients",
    "effective_rates",
    "variation",
    "attribution",
    "composition",
    "examples",
    "discrepancies",
    "regression",
)
# A table of cells holds its own column `steps`: updates planned.
ARCHITECTURE = ["model", "depth", "width", "activation"]
TRAINING = ["norm", "optimizer", "schedule", "order", "regime", "batch_size", "lr", "steps", "seed"]
FACTORS = ["role", *ARCHITECTURE, *TRAINING]

# What tells the cells of a comparison apart; of every other factor it takes one value.
TOLD = ["norm", "lr", "seed"]
EVERY_VALUE = object()


class Confounded(ValueError):
    """Several cells would count as one: they differ in a factor that the claim does not tell apart."""


@dataclass(frozen=True)
class Tables:
    """Tables of all studies by name; table `cells` with the study and factors of each; the reference cell's factors.

    Table `heterogeneity` is about the batches of the whole run, not about cells: it stands apart.
    """

    frames: Mapping[str, pd.DataFrame]
    cells: pd.DataFrame
    reference: Mapping[str, Any]
    span: str = "all"  # of the run: the other one is looked at to see whether a verdict holds for half the steps
    heterogeneity: pd.DataFrame | None = None
    asked: list[pd.Series] | None = None  # a ledger of the cells that were asked for, where one is kept

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Return a whole table of the span, every row with its study and its cell's factors."""
        self._note(self.cells)
        return self._factored(self._spanned(name), self.cells)

    def rows(self, name: str, **where: Any) -> pd.DataFrame:
        """Return the rows with the given values (one, a list of them, or `EVERY_VALUE`) of factors and columns.

        Of factors not named: judged cells, and the reference cell's value of all that is not in `TOLD`, nor the study
        and its steps. Equal cells of two studies count once. Raises `Confounded` where cells remain that only an
        unnamed factor tells apart.
        """
        named = {key: value for key, value in where.items() if key in self.cells}
        own = {key: value for key, value in where.items() if key not in self.cells}
        cells = _with(self.cells, {"role": "judged"} | dict(self.reference) | named)
        if cells["study"].nunique() > 1:
            cells = cells[cells["study"] == cells.groupby(FACTORS)["study"].transform("first")]
        several = [key for key, value in named.items() if _many(value) or value is EVERY_VALUE]
        _check(cells, [*TOLD, *several])
        self._note(cells)
        table = self.frames[name] if "span" in own else self._spanned(name)
        return self._factored(_with(table[table["cell"].isin(cells["cell"])], own), cells)

    def _note(self, cells: pd.DataFrame) -> None:
        if self.asked is not None:
            self.asked.append(cells["cell"])

    def _spanned(self, name: str) -> pd.DataFrame:
        table = self.frames[name]
        return table[table["span"] == self.span] if "span" in table else table

    def _factored(self, table: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
        return table.merge(cells, on="cell", validate="many_to_one")

    def of_studies(self, studies: Iterable[str]) -> "Tables":
        """Return the cells of the given studies alone."""
        return replace(self, cells=self.cells[self.cells["study"].isin(list(studies))])

    def united(self, name: str, *sources: tuple[str, Mapping[str, Any]], long: str = "alike") -> pd.DataFrame:
        """Return the rows of several studies, of each those with the values given for it.

        Raises `Confounded` where their runs are not equally ``long``, unless they may be "unlike".
        """
        rows = pd.concat([self.of_studies([study]).rows(name, **where) for study, where in sources])
        if long == "alike" and rows["steps"].nunique() > 1:
            raise Confounded(f"studies {', '.join(study for study, _ in sources)} differ in steps")
        return rows


def joined(studies: Mapping[str, Mapping[str, pd.DataFrame]], reference: Cell) -> Tables:
    """Return the tables of all studies; cells are numbered anew, through all of them."""
    firsts = [int(first) for first in np.cumsum([0, *(len(tables["cells"]) for tables in studies.values())])]
    numbered = list(zip(studies.items(), firsts, strict=False))
    frames = {
        name: pd.concat([tables[name].assign(cell=tables[name]["cell"] + first) for (_, tables), first in numbered])
        for name in READ
        if all(name in tables for tables in studies.values())
    }
    own = [tables["cells"][["cell", *FACTORS]].assign(study=study) for study, tables in studies.items()]
    cells = pd.concat([frame.assign(cell=frame["cell"] + first) for frame, first in zip(own, firsts, strict=False)])
    batches = next((tables["heterogeneity"] for tables in studies.values() if "heterogeneity" in tables), None)
    return Tables(frames, cells, factors(reference), heterogeneity=batches)


def factors(cell: Cell) -> dict[str, Any]:
    """Return what a comparison keeps fixed of a cell, by the columns of table `cells`."""
    named = {key: getattr(cell, key).name for key in ("model", "optimizer", "schedule", "order")}
    shape = {key: getattr(cell.model, key) for key in ("depth", "width", "activation")}
    return {**named, **shape, "regime": cell.regime, "batch_size": cell.batch_size}


def _with(table: pd.DataFrame, wanted: Mapping[str, Any]) -> pd.DataFrame:
    keep = np.ones(len(table), dtype=bool)
    for column, value in wanted.items():
        if value is not EVERY_VALUE:
            keep &= (table[column].isin(list(value)) if _many(value) else table[column] == value).to_numpy()
    return table[keep]


def _many(value: Any) -> bool:
    return isinstance(value, list | tuple | set)


def _check(cells: pd.DataFrame, told: list[str]) -> None:
    if not cells.duplicated(told).any():
        return
    varied = [name for name in ("study", *FACTORS) if name not in (*told, "role") and cells[name].nunique() > 1]
    if not varied:
        raise Confounded(f"several cells have the same {', '.join(told)}, which the claim does not tell apart")
    raise Confounded(f"cells differ in {', '.join(varied)} too, which the claim does not tell apart")


def windowed(table: pd.DataFrame, window: str, rules: Rules) -> pd.DataFrame:
    """Return the rows whose next update lies in the early or the late share of the run."""
    # Rounded, or .7 * 10 would lie above 7.
    first, last = (table["steps"] * rules.early).round(6), (table["steps"] * (1 - rules.late)).round(6)
    return table[{"early": table["step"] < first, "late": table["step"] >= last}[window]]


def log(values: pd.Series) -> pd.Series:
    """Return natural logarithms; what is not positive has none."""
    return np.log(values.where(values > 0))


def mean_log(table: pd.DataFrame, column: str, keys: Iterable[str] = ("norm", "lr")) -> pd.DataFrame:
    """Return the mean log of a column over points and layers: a row per seed, a column per (norm, lr), or other keys.

    A value missing at any point or layer is missing in the mean.
    """
    return mean(table, log(table[column]), keys)


def mean(table: pd.DataFrame, values: pd.Series, keys: Iterable[str] = ("norm", "lr")) -> pd.DataFrame:
    """Return the mean of values, one per row of a table, as `mean_log` does that of logs."""
    keys = list(keys)
    groups = values.groupby([*(table[key] for key in keys), table["seed"]])
    means = groups.mean().where(groups.count() == groups.size())
    return means.unstack(keys if len(keys) > 1 else keys[0])


def of_arm(logs: pd.DataFrame, arm: str, rates: Iterable[float]) -> pd.DataFrame:
    """Return an arm's columns of `mean_log` at the given rates; what was never observed is missing."""
    columns = pd.MultiIndex.from_product([[arm], list(rates)], names=["norm", "lr"])
    return logs.reindex(columns=columns).droplevel("norm", axis=1)


def seeds(tables: Tables) -> list[int]:
    """Return the judged seeds of the run."""
    cells = tables.cells
    return sorted(int(seed) for seed in cells.loc[cells["role"] == "judged", "seed"].unique())
