"""The same tables seen otherwise: what a verdict is repeated on to see whether it holds.

A view changes tables, never claims: it puts other numbers where claims look for theirs.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from normshift.judge.activations import RELU, SIGMOID
from normshift.judge.frames import Tables
from normshift.tables import SPANS, TABLES

PROBES = {"first": "second", "second": "first"}
HALF = "half"

# Which other number about the same thing stands in for a column; what is not named here has no such twin.
TWINS: dict[str, dict[str, str]] = {
    "shifts": {"mean_shift": "w2", "sd_shift": "w2", "mean_shift_raw": "w2_raw", "w1": "w2", "w2": "w1"},
    "noise": {"mean_noise": "sd_noise", "sd_noise": "mean_noise"},
    "gradients": {"relative": "per_displacement", "per_displacement": "relative"},
    "motion": {"fluctuation": "mean_step", "mean_step": "fluctuation"},
    "attribution": {"mean_shift": "sd_shift", "sd_shift": "mean_shift"},
    "variation": {"predictiveness": "loss_variation", "loss_variation": "predictiveness"},
    "discrepancies": {"tid_mean": "tid_sd", "tid_sd": "tid_mean"},
}


def second_probe(tables: Tables) -> Tables:
    """Return the tables with the shifts of the two probes exchanged; the second is read at full points only."""
    shifts = tables.frames["shifts"]
    return _with(tables, {"shifts": shifts.assign(probe=shifts["probe"].map(PROBES))})


def another_metric(tables: Tables) -> Tables:
    """Return the tables with every column of `TWINS` taken from its twin."""
    own = {name: twins for name, twins in TWINS.items() if name in tables.frames}
    return _with(tables, {name: _twinned(tables.frames[name], twins) for name, twins in own.items()})


def _twinned(frame: pd.DataFrame, twins: Mapping[str, str]) -> pd.DataFrame:
    # A row with numbers but no twin of any is a place where these were not taken: it is left out. A row with neither
    # stays missing: a run that diverged counts against, whatever is read.
    taken = frame[list(twins.values())].notna().any(axis=1) | frame[list(twins)].isna().all(axis=1)
    return frame.assign(**{column: frame[twin] for column, twin in twins.items()})[taken]


def half_the_steps(tables: Tables) -> Tables:
    """Return the tables as if every run had ended at its half: what comes later is left out, or missing."""
    steps = tables.cells["steps"]
    halved = np.maximum(1, (steps * SPANS[HALF]).round()).astype(steps.dtype)
    ends = pd.Series(halved.to_numpy(), index=tables.cells["cell"].to_numpy())
    frames = {name: _cut(name, frame, frame["cell"].map(ends)) for name, frame in tables.frames.items()}
    return replace(tables, frames=frames, cells=tables.cells.assign(steps=halved), span=HALF)


def _cut(name: str, frame: pd.DataFrame, ends: pd.Series) -> pd.DataFrame:
    """Return a table up to each cell's end; a table of the whole run alone keeps its rows and loses its numbers."""
    if "span" in frame:
        return frame
    if name == "targets":
        return frame.assign(step=frame["step"].where(frame["step"] < ends))
    if "step" in frame:
        return frame[(frame["step"] < ends) & (frame["later"] <= ends if "later" in frame else True)]
    return frame.assign(**{key: np.nan for key, column in TABLES[name].items() if column.missing})


def another_nonlinearity(tables: Tables) -> Tables:
    """Return the tables as claims read them that are about networks with the other nonlinearity."""
    other = RELU if tables.reference["activation"] == SIGMOID["activation"] else SIGMOID
    return replace(tables, reference={**tables.reference, **other})


def _with(tables: Tables, frames: Mapping[str, pd.DataFrame]) -> Tables:
    return replace(tables, frames={**tables.frames, **frames})


VARIANTS: dict[str, Callable[[Tables], Tables]] = {
    "second probe": second_probe,
    "another metric": another_metric,
    "half the steps": half_the_steps,
    "another nonlinearity": another_nonlinearity,
}
