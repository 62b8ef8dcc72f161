"""The mean step of gamma and beta against the learning rate."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures import motion
from normshift.figures.plot import Plot, Tables
from normshift.params import Rules


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return each seed's mean |step| of an entry of gamma and beta, early and late."""
    return motion.moved(tables, "mean_step", motion.WINDOWS)


def draw(frame: pd.DataFrame) -> Figure:
    """Return the steps against the learning rate."""
    return motion.drawn(frame, "mean |change per update|")


def describe(frame: pd.DataFrame) -> str:
    """Say by what factor the steps grow."""
    return motion.told(frame, "Mean step of gamma and beta")


PLOT = Plot("How far gamma and beta move in one update", data, draw, describe)
