"""Table discrepancies: by how much running averages miss the present, by position in the epoch."""

import numpy as np
import pandas as pd

from normshift.measure.group import Group
from normshift.measure.tidy import tidy
from normshift.params import Rules

QUARTERS = 4


def discrepancies(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table (TID: Wang, Wu & Huang 2022, in mode ema); no row without batch norm."""
    seen, tid = group.optional("epoch_tid", QUARTERS, len(group.layers), 2)
    epoch, quarters = int(group.record["epoch"]), np.arange(QUARTERS)
    steps = np.minimum(group.steps - 1, group.points[group.full[-1]] + quarters * epoch // QUARTERS)
    return tidy(
        {"cell": seen.numbers, "quarter": quarters, "layer": seen.layers},
        position=(steps % epoch / epoch)[:, None],
        tid_mean=tid[..., 0],
        tid_sd=tid[..., 1],
    )
