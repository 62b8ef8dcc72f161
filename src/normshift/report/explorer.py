"""What the explorer shows, in few bytes: of every arm, rate, order and data regime of study core one judged seed.

All numbers are integers of 16 bits: inputs, gamma and beta as their inverse hyperbolic sine, loss and drift as their
decadic logarithm, so that errors are relative to the size. templates/explorer.js takes them apart.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from normshift.figures import select, style
from normshift.figures.numbers import setting
from normshift.figures.plot import Tables

STUDY, SITE = "core", "y"
READ = ("outcomes", "losses", "shifts", "trajectories")
QUANTILES = ["q15", "q50", "q85"]
AFFINE = ["gamma", "beta"]
LINEAR, DECADE = 3000, 2000  # to one of asinh, and to one of log10: errors of at most 1/6000 and 1/1700
MISSING, ROUNDING, LARGEST = -32768, -32767, 32766  # ROUNDING: no more than that of single precision


def explorer(studies: Mapping[str, Tables], model: str) -> str | None:
    """Return the explorer's data about one network as JSON; None where study core has none to show."""
    if STUDY not in studies:
        return None
    tables = studies[STUDY]
    bands = tables["bands"][tables["bands"]["site"] == SITE]
    cells = tables["cells"][lambda rows: (rows["role"] == "judged") & (rows["model"] == model)]
    cells = cells[(cells["seed"] == cells["seed"].min()) & cells["cell"].isin(bands["cell"])]
    if cells.empty or cells.duplicated(["norm", "lr", "order", "regime"]).any():
        return None
    own = {name: tables[name][tables[name]["cell"].isin(cells["cell"])] for name in READ} | {"bands": bands}
    told = _told(own, cells, _axes(own, cells), select.showcase(tables))
    return json.dumps(told, separators=(",", ":")).replace("<", r"\u003c")  # it stands in the page's source


def _axes(tables: Tables, cells: pd.DataFrame) -> dict[str, list[Any]]:
    bands = tables["bands"]
    layers = sorted(bands["layer"].unique())
    return {
        "arms": style.arms(cells["norm"]),
        "rates": sorted(cells["lr"].unique()),
        "streams": list(dict.fromkeys(zip(cells["order"], cells["regime"], strict=True))),
        "layers": layers,
        "units": [sorted(bands.loc[bands["layer"] == layer, "unit"].unique()) for layer in layers],
        "steps": sorted(bands["step"].unique()),
    }


def _told(tables: Tables, cells: pd.DataFrame, axes: Mapping[str, list[Any]], showcase: float) -> dict[str, Any]:
    diverged = tables["outcomes"].set_index("cell")["diverged_step"]
    moving = _moving(tables["trajectories"], cells)
    return {
        "seed": int(cells["seed"].iloc[0]),
        "arms": [[name, style.arm(name).label, style.arm(name).colour, style.arm(name).dash] for name in axes["arms"]],
        "rates": [setting(lr) for lr in axes["rates"]],
        "streams": [f"{order}, {regime}" for order, regime in axes["streams"]],
        "layers": [int(layer) for layer in axes["layers"]],
        "steps": [int(step) for step in axes["steps"]],
        "units": [[int(unit) for unit in units] for units in axes["units"]],
        "start": [(axes["arms"].index("batch") if "batch" in axes["arms"] else 0), axes["rates"].index(showcase)],
        "coding": {"linear": LINEAR, "decade": DECADE, "missing": MISSING, "rounding": ROUNDING},
        "runs": [
            {
                "at": [axes["arms"].index(row.norm), axes["rates"].index(row.lr)]
                + [axes["streams"].index((row.order, row.regime))],
                "diverged": None if pd.isna(diverged[row.cell]) else int(diverged[row.cell]),
                "numbers": _numbers(tables, row.cell, axes, row.norm in moving),
            }
            for row in cells.itertuples()
        ],
    }


def _moving(trajectories: pd.DataFrame, cells: pd.DataFrame) -> set[str]:
    """Return the arms that learn gamma or beta: by any of their runs, as one that diverged at once kept no move."""
    moves = trajectories.groupby("cell")[AFFINE].nunique().gt(1).any(axis=1)
    return set(cells.loc[cells["cell"].isin(moves.index[moves]), "norm"])


def _numbers(tables: Tables, cell: int, axes: Mapping[str, list[Any]], moves: bool) -> str:
    """Return one run's numbers in base64: its inputs, drift and loss; gamma and beta of an arm that moves them."""
    own = {name: tables[name][tables[name]["cell"] == cell] for name in ("bands", "shifts", "losses", "trajectories")}
    parts = [linear(inputs(own["bands"], axes)), decades(drifts(own["shifts"], axes)), decades(losses(own, axes))]
    parts += [linear(trails(own["trajectories"], axes))] if moves else []
    return base64.b64encode(np.concatenate([part.ravel() for part in parts]).astype("<i2").tobytes()).decode()


def inputs(bands: pd.DataFrame, axes: Mapping[str, list[Any]]) -> np.ndarray:
    """Return the percentiles of a run's inputs (layer, unit, percentile, step)."""
    units = [(layer, unit) for layer, own in zip(axes["layers"], axes["units"], strict=True) for unit in own]
    rows = bands.set_index(["layer", "unit", "step"])[QUANTILES]
    places = pd.MultiIndex.from_tuples([(*unit, step) for unit in units for step in axes["steps"]])
    values = rows.reindex(places).to_numpy().reshape(len(axes["layers"]), -1, len(axes["steps"]), len(QUANTILES))
    return values.swapaxes(2, 3)


def drifts(shifts: pd.DataFrame, axes: Mapping[str, list[Any]]) -> np.ndarray:
    """Return a step's drift of the mean at y in sigma, median over units (layer, step)."""
    where = {"site": SITE, "mode": "batch", "probe": "first", "horizon": "step"}
    rows = shifts[(shifts[list(where)] == where).all(axis=1)]
    return (
        rows.pivot(index="layer", columns="step", values="mean_shift")
        .reindex(index=axes["layers"], columns=axes["steps"])
        .to_numpy()
    )


def losses(tables: Tables, axes: Mapping[str, list[Any]]) -> np.ndarray:
    """Return the loss on the training subset in nats (step,): of that moment, and the one that figure drift shows."""
    return tables["losses"].set_index("step")["loss"].reindex(axes["steps"]).to_numpy()


def trails(trajectories: pd.DataFrame, axes: Mapping[str, list[Any]]) -> np.ndarray:
    """Return gamma and beta (parameter, layer, unit, step); between the steps at which they are kept, interpolated."""
    own = {unit: rows.sort_values("step") for unit, rows in trajectories.groupby(["layer", "unit"])}
    never = pd.DataFrame({name: [np.nan] for name in ("step", *AFFINE)})
    rows = [
        own.get((layer, unit), never)
        for layer, units in zip(axes["layers"], axes["units"], strict=True)
        for unit in units
    ]
    values = np.array([[np.interp(axes["steps"], one["step"], one[name]) for one in rows] for name in AFFINE])
    return values.reshape(len(AFFINE), len(axes["layers"]), -1, len(axes["steps"]))


def linear(values: np.ndarray) -> np.ndarray:
    """Return values as integers proportional to their inverse hyperbolic sine; what is missing or larger is MISSING."""
    coded = np.round(LINEAR * np.arcsinh(values))
    return np.where(np.abs(coded) <= LARGEST, coded, MISSING)


def decades(values: np.ndarray) -> np.ndarray:
    """Return values as integers proportional to their logarithm; what is rounding as ROUNDING, missing as MISSING."""
    coded = np.round(DECADE * np.log10(values, where=values > 0, out=np.full(values.shape, np.nan)))
    return np.where(values <= select.RESOLUTION, ROUNDING, np.where(np.abs(coded) <= LARGEST, coded, MISSING))
