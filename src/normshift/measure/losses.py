"""Table losses: what each cell's loss was when it was observed."""

import pandas as pd

from normshift.measure.group import Group
from normshift.measure.tidy import tidy
from normshift.metrics import mean_between
from normshift.params import Rules


def losses(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table: one row per point."""
    return tidy(
        {"cell": group.numbers, "step": group.points},
        loss=group.array("subset_loss"),
        accuracy=group.array("subset_accuracy"),
        training_loss=mean_between(group.array("training_loss"), group.points),
    )
