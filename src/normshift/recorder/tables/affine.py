"""Table trajectories: gamma and beta through time."""

from typing import TYPE_CHECKING

import pandas as pd

from normshift.recorder.tables.history import histories
from normshift.recorder.tables.rows import rows

if TYPE_CHECKING:
    from normshift.recorder.recording import Recording


def trajectories(recording: "Recording") -> list[pd.DataFrame]:
    """Return its parts: of the kept units of layers with gamma or beta, at every snapshot; NaN where one is absent."""
    parts = []
    for history in histories(recording):
        if {"gamma", "beta"} & set(history.arrays):
            both = {name: history.parameter(name, float("nan")).numpy()[:, history.kept] for name in ("gamma", "beta")}
            parts.append(rows({"step": history.steps, "unit": history.kept}, layer=history.number, **both))
    return parts
