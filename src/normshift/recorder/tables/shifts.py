"""Table shifts: how far the distribution at each site moved between two snapshots on the probe."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift.metrics import DISTANCES, unit_distances
from normshift.observe import moments
from normshift.recorder.tables.history import SITES, History, histories, pairs
from normshift.recorder.tables.rows import rows
from normshift.tables import MODES

if TYPE_CHECKING:
    from normshift.recorder.recording import Recording

MOMENTS = ("mean_shift", "sd_shift", "mean_shift_raw")


def shifts(recording: "Recording") -> list[pd.DataFrame]:
    """Return its parts: in every mode in which the probe was seen, a step, ten, an epoch apart and since the start."""
    return [
        _table(history, mode, horizon, earlier, later)
        for mode in MODES
        for history in histories(recording, mode)
        for horizon, earlier, later in pairs(recording, history.steps)
        if len(earlier)
    ]


def _table(history: History, mode: str, horizon: str, earlier: NDArray, later: NDArray) -> pd.DataFrame:
    # As of the pipeline: the least sigma is that of the snapshot at which the pair is a point.
    least = history.least(earlier if horizon == "step" else later)
    moved = moments.shift(history.moments[earlier], history.moments[later], least).numpy()  # (pair, site, 3)
    sites = [SITES.index(site) for site in history.layer.sites]
    apart = np.stack([_apart(history, site, earlier, later, least) for site in sites], axis=1)
    table = rows(
        {"step": history.steps[earlier], "site": history.layer.sites},
        later=history.steps[later][:, None],
        horizon=horizon,
        layer=history.number,
        mode=mode,
        probe="first",
    )
    found = np.concatenate([moved[:, sites], apart], axis=-1).reshape(len(table), -1)
    return table.assign(**dict(zip((*MOMENTS, *DISTANCES), found.T, strict=True)))


def _apart(history: History, site: int, earlier: NDArray, later: NDArray, least) -> NDArray:
    """Return the distances at a site of the kept units (pair, distance)."""
    sketch = history.sketch(site)
    floor = 0.0 if least is None else least[:, site][:, history.kept].numpy()
    return unit_distances(sketch[earlier], sketch[later], floor)
