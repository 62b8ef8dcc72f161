"""Table outcomes: how each cell's training ended."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normshift.measure.group import Group
from normshift.measure.tidy import tidy
from normshift.measure.windows import window_mean, windows
from normshift.params import Rules
from normshift.tables import MODES, SPANS

TAIL = 20  # steps at the end whose mean is looked at
BY_LABEL = ("sorted", "blocked")  # orders in which predicting the current label would look like learning


def outcomes(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table; the learning rule is DESIGN section 6."""
    return pd.concat([_of(group, rules, span) for span in SPANS], ignore_index=True)


def _of(group: Group, rules: Rules, span: str) -> pd.DataFrame:
    """Return the rows of a span: what there was before its end, as if the run had ended there."""
    steps = max(1, round(SPANS[span] * group.steps))
    loss, ended = group.array("training_loss")[:, :steps], group.array("diverged_step")
    ended = np.where(ended < steps, ended, -1)
    whole = np.where(ended < 0, 1.0, np.nan)  # what concerns all steps is missing if some are
    accuracy = learning_accuracy(group, steps)
    late = windows(np.arange(steps), steps, rules)["late"]
    late_loss = window_mean(loss, late)
    test = group.array("test_accuracy") if steps == group.steps else np.full((len(ended), len(MODES)), np.nan)
    return tidy(
        {"cell": group.numbers},
        span=span,
        diverged_step=np.where(ended < 0, np.nan, ended),
        learning_accuracy=accuracy,
        learned=(accuracy >= group.cells["regime"].map(rules.learns).to_numpy(float)) & (ended < 0),
        final_loss=loss[:, -TAIL:].mean(axis=1),
        area=loss.mean(axis=1) * whole,
        late_loss=late_loss,
        late_slope=slope(loss, late),
        memorised=late_loss <= rules.memorised,
        increases=increases(loss) * whole,
        **{f"test_accuracy_{mode}": test[:, place] for place, mode in enumerate(MODES)},
    )


def learning_accuracy(group: Group, steps: int) -> NDArray:
    """Return the mean training accuracy at the end, or the fixed subset's where the order sorts by label: (cell).

    Of a run cut short the subset's is that of the last point before.
    """
    own = group.array("training_accuracy")[:, :steps][:, -TAIL:].mean(axis=1)
    by_label = group.cells["order_kind"].isin(BY_LABEL).to_numpy()
    subset = group.array("subset_accuracy")[:, group.points < steps][:, -1]
    return np.where(by_label, group.array("final_subset_accuracy") if steps == group.steps else subset, own)


def slope(loss: NDArray, inside: NDArray[np.bool_]) -> NDArray:
    """Return the least-squares slope over a window, nats per step: (..., step) -> (...); NaN below two steps."""
    if inside.sum() < 2:
        return np.full(loss.shape[:-1], np.nan)
    times = np.flatnonzero(inside) - np.flatnonzero(inside).mean()
    return loss[..., inside] @ times / (times @ times)


def increases(loss: NDArray) -> NDArray:
    """Return the share of consecutive steps whose loss rose: (..., step) -> (...); NaN below two steps."""
    rises = np.diff(loss, axis=-1) > 0
    return rises.sum(axis=-1) / (rises.shape[-1] or np.nan)
