"""Table decomposition: how much of a batch statistic's change is another batch, how much another network."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift import metrics
from normshift.measure.group import Group
from normshift.measure.tidy import tidy
from normshift.metrics.units import largest, median
from normshift.params import Rules


def decomposition(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table, from the four corners at site u (measurement: 1.8, decomposition C)."""
    parts = in_sigma(group.array("corners"))
    change, sampling, drift = (parts[..., place] for place in range(3))
    return tidy(
        {"cell": group.numbers, "step": group.points, "layer": group.layers, "statistic": ("mean", "sd")},
        change=median(np.abs(change)),
        sampling=median(np.abs(sampling)),
        drift=median(np.abs(drift)),
        residual=largest(np.abs(change - sampling - drift)),
    )


def in_sigma(corners: NDArray) -> NDArray:
    """Return change, sampling and drift over the corners' pooled sd, NaN where it is 0.

    (cell, point, state, batch, layer, unit, moment) -> (cell, point, layer, moment, unit, part).
    """
    statistics = np.moveaxis(corners, (2, 3), (-2, -1))  # (cell, point, layer, unit, moment, state, batch)
    sigma = np.sqrt(np.square(statistics[..., 1, :, :]).mean(axis=(-2, -1)))
    parts = metrics.decomposition(statistics) / np.where(sigma > 0, sigma, np.nan)[..., None, None]
    return np.swapaxes(parts, 3, 4)
