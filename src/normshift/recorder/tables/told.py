"""Table losses, from what the training loop told, and table layers, from what the model is."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from normshift.metrics import mean_between
from normshift.recorder.tables.rows import rows

if TYPE_CHECKING:
    from normshift.recorder.recording import Recording


def losses(recording: "Recording") -> list[pd.DataFrame]:
    """Return its one part: mean loss of the batches since the snapshot before; NaN where a loss was not told."""
    told, steps = recording.losses, np.array(recording.steps)
    means = mean_between(told[None], steps)[0] if len(told) else np.full(len(steps), np.nan)
    return [rows({"step": steps}, loss=np.nan, accuracy=np.nan, training_loss=means)]


def layers(recording: "Recording") -> pd.DataFrame:
    """Return what each layer is: its number, name, class, sites, units, normaliser and nonlinearity."""
    found = [
        {
            "layer": number,
            "name": one.name,
            "kind": one.kind,
            "sites": "".join(one.sites),
            "units": one.units,
            "normaliser": one.normaliser or "",
            "activation": one.activation or "",
        }
        for number, one in enumerate(recording.layers, 1)
    ]
    return pd.DataFrame(found)
