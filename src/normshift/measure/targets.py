"""Table targets: when each cell first reached a training loss."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift.measure.group import Group
from normshift.measure.tidy import tidy
from normshift.params import Rules

SPAN = 20  # steps of the running mean


def targets(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table: one row per level of ``rules.levels``."""
    levels = np.array(rules.levels)
    return tidy({"cell": group.numbers, "level": levels}, step=first_below(group.array("training_loss"), levels))


def first_below(loss: NDArray, levels: NDArray) -> NDArray:
    """Return the first step at which the mean loss of the last 20 is at or below each level: (cell, level).

    NaN if it never is: a cell that diverged, a rate too low, fewer than 20 steps.
    """
    if loss.shape[1] < SPAN:
        return np.full((len(loss), len(levels)), np.nan)
    running = np.lib.stride_tricks.sliding_window_view(loss, SPAN, axis=1).mean(axis=-1)
    reached = running[:, None, :] <= levels[:, None]
    return np.where(reached.any(axis=-1), reached.argmax(axis=-1) + SPAN - 1.0, np.nan)
