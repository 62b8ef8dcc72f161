"""From a recording to tables: of `normshift.tables` where the pipeline has the quantity, checked, and `layers`.

A recording is one cell, number 0. What it does not have is an empty table; `Recording.about["missing"]` says why.
"""

from typing import TYPE_CHECKING

import pandas as pd

from normshift.recorder.tables.affine import trajectories
from normshift.recorder.tables.averages import discrepancies, identities
from normshift.recorder.tables.bands import bands
from normshift.recorder.tables.noise import noise
from normshift.recorder.tables.shifts import shifts
from normshift.recorder.tables.told import layers, losses
from normshift.tables import TABLES, checked

if TYPE_CHECKING:
    from normshift.recorder.recording import Recording

BUILDERS = {
    "bands": bands,
    "discrepancies": discrepancies,
    "identities": identities,
    "losses": losses,
    "shifts": shifts,
    "trajectories": trajectories,
}


def tables(recording: "Recording") -> dict[str, pd.DataFrame]:
    """Return all tables by name."""
    found = {name: fitted(build(recording), name) for name, build in BUILDERS.items()}
    found["noise"] = fitted(noise(recording, found["shifts"]), "noise")
    return {**found, "layers": layers(recording)}


def fitted(rows: list[pd.DataFrame], name: str) -> pd.DataFrame:
    """Return the parts of a table as one, of cell 0, checked."""
    blank = pd.DataFrame(columns=list(TABLES[name]))
    whole = pd.concat(rows, ignore_index=True).assign(cell=0) if rows else blank
    return checked(whole, name)
