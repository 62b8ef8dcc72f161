"""The fluctuation of gamma and beta about their trend in the late window, against the learning rate."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures import motion
from normshift.figures.plot import Plot, Tables
from normshift.params import Rules


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return each seed's sd of gamma and beta about a straight line through the late window."""
    return motion.moved(tables, "fluctuation", motion.WINDOWS[-1:])


def draw(frame: pd.DataFrame) -> Figure:
    """Return the fluctuation against the learning rate."""
    return motion.drawn(frame, "sd about the trend")


def describe(frame: pd.DataFrame) -> str:
    """Say by what factor the fluctuation grows."""
    return motion.told(frame, "Late fluctuation of gamma and beta about their trend")


PLOT = Plot("How much gamma and beta fluctuate about their trend", data, draw, describe)
