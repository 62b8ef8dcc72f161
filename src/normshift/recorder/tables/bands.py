"""Table bands: quantiles of the kept units through time."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from normshift.metrics import quantile_band
from normshift.recorder.tables.history import SITES, histories
from normshift.recorder.tables.rows import rows

if TYPE_CHECKING:
    from normshift.recorder.recording import Recording


def bands(recording: "Recording") -> list[pd.DataFrame]:
    """Return its parts: the probe in batch mode, every snapshot (Ioffe & Szegedy 2015, Fig. 1)."""
    parts = []
    for history in histories(recording):
        sites = [site for site in ("u", "y", "a") if site in history.layer.places]
        places = [SITES.index(site) for site in sites]
        found = quantile_band(np.moveaxis(history.quantiles[:, places].astype(float), 1, 2))
        axes = {"step": history.steps, "unit": history.kept, "site": sites}
        levels = {name: found[..., place] for place, name in enumerate(("q15", "q50", "q85"))}
        parts.append(rows(axes, layer=history.number, **levels))
    return parts
