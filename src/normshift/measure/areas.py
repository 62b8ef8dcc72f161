"""Table areas: how low the training loss lies from some time on, on a log scale."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift.measure.group import Group
from normshift.measure.tidy import tidy
from normshift.measure.windows import window_mean
from normshift.params import Rules
from normshift.tables import SINCE, SPANS

# What single precision can still tell from 0 in a loss, a difference of numbers of order 1: its logarithm stays finite.
LEAST = float(np.finfo(np.float32).eps)


def areas(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table (measurement: claims, C11: area of log loss after tau)."""
    return pd.concat([_of(group, span) for span in SPANS], ignore_index=True)


def _of(group: Group, span: str) -> pd.DataFrame:
    steps = max(1, round(SPANS[span] * group.steps))
    ended = group.array("diverged_step")
    whole = np.where((ended >= 0) & (ended < steps), np.nan, 1.0)
    means = mean_log(group.array("training_loss")[:, :steps], [share * group.steps for share in SINCE])
    axes = {"cell": group.numbers, "since": np.array(SINCE)}
    return tidy(axes, span=span, log_loss=means * whole[:, None])


def mean_log(loss: NDArray, firsts: list[float]) -> NDArray:
    """Return the mean ln loss from each of some steps on: (cell, step) -> (cell, since); NaN where none is left."""
    logs, steps = np.log(np.maximum(loss, LEAST)), np.arange(loss.shape[1])
    # Rounded, as .3 * 10 may lie above 3.
    return np.stack([window_mean(logs, steps >= round(first, 6)) for first in firsts], axis=-1)
