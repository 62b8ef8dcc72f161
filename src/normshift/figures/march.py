"""Gamma and beta marching: one line per kept unit."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures import select, style
from normshift.figures.numbers import counted, listed, measured, setting
from normshift.figures.plot import Plot, Tables, panels
from normshift.params import Rules

PARAMETERS = ("gamma", "beta")
POINTS = 70  # of a trajectory that are drawn: a line on a page shows no more
COLUMNS = ["regime", "lr", "seed", "layer", "unit", "step", "diverged", *PARAMETERS]


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return gamma and beta of the kept units of the last layer: arm batch, first judged seed, both data regimes."""
    frame = select.last_layer(select.shuffled(select.judged(tables, "trajectories")))
    frame = frame[(frame["norm"] == "batch") & (frame["lr"] == select.showcase(tables))]
    frame = frame[frame["seed"] == frame["seed"].min()]
    steps = sorted(frame["step"].unique())
    frame = frame[frame["step"].isin(steps[:: -(-len(steps) // POINTS) or 1])]
    frame = select.with_divergence(tables, frame)
    return select.rows(frame, COLUMNS, list(PARAMETERS), "no trajectory of gamma and beta was kept for arm batch")


def draw(frame: pd.DataFrame) -> Figure:
    """Return a panel for each parameter and data regime, one line per unit."""
    regimes = sorted(frame["regime"].unique())
    figure, axes = panels(len(PARAMETERS) * len(regimes), columns=2)
    places = iter(axes)
    for regime in regimes:
        for parameter in PARAMETERS:
            place = next(places)
            for _, rows in frame[frame["regime"] == regime].groupby("unit"):
                place.plot(rows["step"], rows[parameter], color=style.ink("batch"), linewidth=1, alpha=0.75)
            place.set(title=f"{parameter}, {regime} data", xlabel="updates made", ylabel=parameter)
    return figure


def describe(frame: pd.DataFrame) -> str:
    """Say between what gamma and beta are last seen, and how far the farthest unit went."""
    first, parts = frame.iloc[0], []
    for regime, rows in frame[~frame["diverged"]].groupby("regime"):
        units = rows.groupby("unit")[list(PARAMETERS)]
        ends, moved = units.last(), (units.last() - units.first()).abs().max()
        words = [
            f"{name} lies between {measured(ends[name].min())} and {measured(ends[name].max())}, the farthest unit "
            f"moved by {measured(moved[name])}"
            for name in PARAMETERS
        ]
        parts.append(f"{regime} data, last seen at update {rows['step'].max():,}: {listed(words)}")
    return (
        f"Gamma and beta of {counted(frame['unit'].nunique(), 'unit')} of hidden layer {first['layer']} "
        f"through training, seed {first['seed']}, learning rate {setting(first['lr'])}: "
        f"{'; '.join(parts) or 'every run diverged'}."
    )


PLOT = Plot("Gamma and beta on the march, one line per unit", data, draw, describe)
