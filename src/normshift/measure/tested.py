"""Tables of the tested cells: accuracy on the test set, and where all units of the last layer lie."""

import numpy as np
import pandas as pd

from normshift.measure.group import Group
from normshift.measure.tidy import tidy
from normshift.params import Rules
from normshift.records import stops

MODES = ("batch", "ema")


def test_curves(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table of accuracy through training (Ioffe & Szegedy 2015, Fig. 1a)."""
    steps = np.array(stops(group.steps))
    seen, accuracy = group.optional("test_trace", len(steps), len(MODES))
    return tidy({"cell": seen.numbers, "step": steps, "mode": MODES}, accuracy=accuracy)


def unit_bands(group: Group, rules: Rules) -> pd.DataFrame:
    """Return the table of every unit's band through training (the same, Fig. 1b, c)."""
    steps = np.array(stops(group.steps))
    seen, band = group.optional("test_band", len(steps), 1, 3)
    axes = {"cell": seen.numbers, "step": steps, "unit": np.arange(band.shape[2])}
    return tidy(axes, **{name: band[..., place] for place, name in enumerate(("q15", "q50", "q85"))})
