"""Table losses: what each cell's loss was when it was observed."""

from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift.measure.group import Group
from normshift.measure.tidy import tidy
from normshift.params import Rules


def losses(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table: one row per point."""
    return tidy(
        {"cell": group.numbers, "step": group.points},
        loss=group.array("subset_loss"),
        accuracy=group.array("subset_accuracy"),
        training_loss=between(group.array("training_loss"), group.points),
    )


def between(loss: NDArray, points: NDArray) -> NDArray:
    """Return the mean loss since the point before, at the first point its own: (cell, step) -> (cell, point)."""
    means = [loss[:, begin:end].mean(axis=1) for begin, end in pairwise(points)]
    return np.stack([loss[:, points[0]], *means], axis=1)
