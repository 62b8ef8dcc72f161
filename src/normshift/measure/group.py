"""Cells whose records have the same shapes, measured side by side along a leading axis `cell`."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift.params import Norm, Study, typed
from normshift.records import CELL, PLAN, BadRecord, Record, decoded
from normshift.tables import SITES, BadTable

MOST = 128  # cells per group: their sketches stay in the processor's cache
SKETCHES = ("y_quantiles", "y_quantiles_after")  # only where y is neither u nor batch norm's function of it
OPTIONAL = ("?", "!")
REQUIRED = {name for name, (_, meaning) in CELL.items() if not meaning.endswith(OPTIONAL)}
REQUIRED = REQUIRED - {*SKETCHES} | {*PLAN, "cell"}


@dataclass(frozen=True)
class Group:
    """Some cells of one file: their arrays, and their rows of table cells in the same order (see `described`)."""

    record: Record
    cells: pd.DataFrame

    def array(self, name: str) -> NDArray[np.float64]:
        """Return an array in double precision, NaN where it is not finite."""
        values = self.record[name].astype(float)
        return np.where(np.isfinite(values), values, np.nan)

    def trajectory(self, name: str) -> NDArray[np.float64]:
        """Return gamma or beta of the kept units at every `records.STRIDE`-th update: (cell, time, layer, unit)."""
        return decoded(self.array(name)[:, 0, 0], self.array(f"{name}_increments"), axis=1)

    def optional(self, name: str, *shape: int) -> tuple["Group", NDArray[np.float64]]:
        """Return the cells that have an array, all or none, and the array: of ``shape`` after `cell` if none."""
        if name in self.record:
            return self, self.array(name)
        return self.only(slice(0)), np.empty((0, *shape))

    @property
    def numbers(self) -> NDArray:
        """The cells' numbers."""
        return self.record["cell"]

    @property
    def points(self) -> NDArray:
        """Steps at which the cells were observed."""
        return self.record["points"]

    @property
    def full(self) -> NDArray:
        """Positions of the full points among the points."""
        return self.record["full"]

    @property
    def steps(self) -> int:
        """Updates planned."""
        return self.record["training_loss"].shape[1]

    @property
    def layers(self) -> NDArray:
        """Numbers of the hidden layers."""
        return np.arange(1, len(self.record["kept"]) + 1)

    @property
    def affine(self) -> bool:
        """Whether gamma and beta follow the normaliser."""
        return "gamma" in self.record

    @property
    def batch_norm(self) -> bool:
        """Whether batch statistics normalise, and running averages elsewhere."""
        return "tid" in self.record

    @property
    def eighths(self) -> NDArray:
        """Positions of the points at which whole layers are kept: the full ones, and those an epoch after."""
        kept = {*self.points[self.full], *(self.points[self.full] + int(self.record["epoch"]))}
        return np.flatnonzero(np.isin(self.points, sorted(kept)))

    @property
    def sites(self) -> tuple[str, ...]:
        """Sites that the arm has: without a normaliser there is no `x`."""
        return SITES if self.affine else tuple(site for site in SITES if site != "x")

    def at_sites(self, values: NDArray, axis: int) -> NDArray:
        """Return the entries of an axis over all sites that belong to the arm's own."""
        return values.take([SITES.index(site) for site in self.sites], axis=axis)

    def rates(self, parameter: str) -> NDArray[np.float64]:
        """Return by which rate gamma, beta or hidden weights learn at the full points: (cell, full); 0: they do not.

        Recorded is that of the output layer, which no arm changes.
        """
        steps = self.points[self.full]
        factors = [[factor(arm, parameter, step, self.steps) for step in steps] for arm in self.cells["arm"]]
        return self.array("rate") * np.reshape(factors, (-1, len(steps)))

    def only(self, chosen: NDArray | slice) -> "Group":
        """Return some of the cells, by a mask or a slice."""
        arrays = {name: array if name in PLAN else array[chosen] for name, array in self.record.items()}
        return Group(arrays, self.cells[chosen])


def factor(arm: Norm, parameter: str, step: int, steps: int) -> float:
    """Return by what an arm multiplies the learning rate of gamma, beta or hidden weights at a step of so many."""
    if parameter == "weight":
        return arm.scale**2
    still = arm.freezes == "affine" and step >= round(arm.frozen_from * steps)
    learns = {"gamma": arm.learn_gamma, "beta": arm.learn_beta}[parameter]
    return arm.rate if learns and not still else 0.0


def described(cells: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Return table cells with the kind of each cell's order, its arm, and whether its curves are shown.

    Those of the first judged seed are: bands and trajectories illustrate; of all seeds they would outweigh the rest.
    """
    meaning = {}
    for axis, own in (("order", study.cell.order), ("norm", study.cell.norm)):
        meaning[axis] = study.options.get(axis, {}) | {own.name: asdict(own)}
        if unknown := sorted(set(cells[axis]) - set(meaning[axis])):
            raise BadTable(f"table cells: {axis} {', '.join(unknown)} not in the study: run `dvc repro`")
    judged = cells["role"] == "judged"
    return cells.assign(
        order_kind=cells["order"].map({name: order["kind"] for name, order in meaning["order"].items()}),
        arm=cells["norm"].map({name: typed(Norm, arm) for name, arm in meaning["norm"].items()}),
        shown=judged & (cells["seed"] == cells.loc[judged, "seed"].min()),
    )


def groups(read: Mapping[str, Record], cells: pd.DataFrame) -> Iterator[Group]:
    """Return the cells of the records read, by the names of their files, in groups; refuse what table cells belies."""
    by_number = cells.set_index("cell", drop=False)
    for name, record in read.items():
        if absent := sorted(REQUIRED - set(record)):
            raise BadRecord(f"records {name}: arrays missing: {', '.join(absent)}: delete it and run `dvc repro`")
        if sorted(record["cell"]) != sorted(cells.loc[cells["record"] == name, "cell"]):
            raise BadRecord(f"records {name}: its cells are not those that table cells names: run `dvc repro`")
        whole = Group(record, by_number.loc[record["cell"]])
        for begin in range(0, len(record["cell"]), MOST):
            yield whole.only(slice(begin, begin + MOST))
