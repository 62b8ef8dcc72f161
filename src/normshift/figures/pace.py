"""Drift of an update against the learning rate, early and late, where every seed of the arm learns."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures import select, style
from normshift.figures.marks import lines, logarithmic, rates
from normshift.figures.numbers import counted, measured, setting
from normshift.figures.plot import Plot, Tables, legend, panels
from normshift.params import Rules

KEYS = ["regime", "window", "norm", "lr", "seed"]


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return each seed's drift of the mean at y over one update (median over layers and points), early and late."""
    frame = tables["shifts"]
    frame = frame[(frame[["site", "mode", "probe", "horizon"]] == ["y", "batch", "first", "step"]).all(axis=1)]
    frame = select.shuffled(select.judged({**tables, "shifts": frame}, "shifts"))
    frame = select.windowed(select.learning(tables, frame), rules)
    frame = select.by_seed(frame, KEYS, ["mean_shift"])
    return select.rows(frame, [*KEYS, "mean_shift"], ["mean_shift"], "no arm learns at any learning rate in every seed")


def draw(frame: pd.DataFrame) -> Figure:
    """Return one panel per data regime and window."""
    names = style.arms(frame["norm"])
    groups = sorted(frame.groupby(["regime", "window"]).groups)
    figure, axes = panels(len(groups), columns=2, share=True)
    for place, (regime, window) in zip(axes, groups, strict=True):
        rows = frame[(frame["regime"] == regime) & (frame["window"] == window)]
        lines(place, select.resolved(rows, "mean_shift"), "lr", "mean_shift", names)
        place.set(title=f"{regime} data, {window} window", ylabel="")
        rates(place, frame["lr"])
    for place in axes:
        logarithmic(place)
        place.set_ylabel("drift per update, sigma")
    legend(figure, names)
    return figure


def describe(frame: pd.DataFrame) -> str:
    """Say each arm's median drift at its lowest and highest learning rate."""
    parts = []
    for (regime, window, name), rows in frame.groupby(KEYS[:3]):
        medians = rows.groupby("lr")["mean_shift"].median()
        ends = dict.fromkeys([medians.index[0], medians.index[-1]])
        values = " and ".join(f"{measured(medians[lr])} at {setting(lr)}" for lr in ends)
        parts.append(f"{style.arm(name).label}, {regime} data, {window}: {values}")
    return (
        f"Drift of the mean at y over one update, in sigma, against the learning rate, median over "
        f"{counted(frame['seed'].nunique(), 'seed')}, only rates at which every seed of the arm learns: "
        f"{'; '.join(parts)}."
        f"{select.below(frame, 'mean_shift')}"
    )


PLOT = Plot("The pace of the drift against the learning rate", data, draw, describe)
