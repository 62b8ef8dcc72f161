"""Table regression: how far a linear network with batch norm ends from the optimum of the full batch."""

import pandas as pd

from normshift.measure.group import Group
from normshift.measure.tidy import tidy
from normshift.params import Rules


def regression(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table; no row of a network whose optimum has no closed form."""
    seen, excess = group.optional("regression", 2)
    return tidy({"cell": seen.numbers}, excess=excess[:, 0], distorted=excess[:, 1])
