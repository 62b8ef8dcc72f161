"""Table outcomes: how each cell's training ended."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift.measure.group import Group
from normshift.measure.tidy import tidy
from normshift.measure.windows import window_mean, windows
from normshift.params import Rules
from normshift.tables import MODES

TAIL = 20  # steps at the end whose mean is looked at
BY_LABEL = ("sorted", "blocked")  # orders in which predicting the current label would look like learning


def outcomes(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table; the learning rule is DESIGN section 6."""
    ended = group.array("diverged_step")
    loss = group.array("training_loss")
    whole = np.where(ended < 0, 1.0, np.nan)  # what concerns all steps is missing if some are
    accuracy = learning_accuracy(group)
    late_loss = window_mean(loss, windows(np.arange(group.steps), group.steps, rules)["late"])
    test = group.array("test_accuracy")
    return tidy(
        {"cell": group.numbers},
        diverged_step=np.where(ended < 0, np.nan, ended),
        learning_accuracy=accuracy,
        learned=(accuracy >= group.cells["regime"].map(rules.learns).to_numpy(float)) & (ended < 0),
        final_loss=loss[:, -TAIL:].mean(axis=1),
        area=loss.mean(axis=1) * whole,
        late_loss=late_loss,
        memorised=late_loss <= rules.memorised,
        increases=increases(loss) * whole,
        **{f"test_accuracy_{mode}": test[:, place] for place, mode in enumerate(MODES)},
    )


def learning_accuracy(group: Group) -> NDArray:
    """Return the mean training accuracy at the end, or the fixed subset's where the order sorts by label: (cell)."""
    own = group.array("training_accuracy")[:, -TAIL:].mean(axis=1)
    by_label = group.cells["order_kind"].isin(BY_LABEL).to_numpy()
    return np.where(by_label, group.array("final_subset_accuracy"), own)


def increases(loss: NDArray) -> NDArray:
    """Return the share of consecutive steps whose loss rose: (..., step) -> (...); NaN below two steps."""
    rises = np.diff(loss, axis=-1) > 0
    return rises.sum(axis=-1) / (rises.shape[-1] or np.nan)
