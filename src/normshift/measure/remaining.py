"""Table remaining: how much of the way to their ends gamma, beta and the weights have before them."""

import numpy as np
import pandas as pd

from normshift import metrics
from normshift.measure.group import Group
from normshift.measure.tidy import tidy
from normshift.params import Rules
from normshift.records import BLOCKS
from normshift.tables import PARAMETERS


def remaining(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table: one row per layer, parameter and edge of the run's blocks."""
    block = np.arange(group.steps) * BLOCKS // group.steps
    edges = np.append(np.flatnonzero(np.diff(block, prepend=-1)), group.steps)
    share = metrics.remaining(group.array("gram"), np.isin(np.arange(BLOCKS), block))
    axes = {"cell": group.numbers, "parameter": PARAMETERS, "layer": group.layers, "step": edges}
    return tidy(axes, remaining=share)
