"""Settling curves: how much of the way to its end is left of gamma, beta and the weights, through training."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from normshift.figures import select, style
from normshift.figures.marks import every_seed
from normshift.figures.numbers import counted, setting, share
from normshift.figures.plot import Plot, Tables, legend, panels
from normshift.params import Rules

KEYS = ["regime", "lr", "parameter", "seed", "step", "early"]


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return each seed's share of the way left (median over layers), arm batch, both regimes; `early` is the yardstick.

    Early is ``rules.fast`` of the run, in updates.
    """
    frame = select.shuffled(select.judged(tables, "remaining"))
    frame = frame[(frame["norm"] == "batch") & (frame["lr"] == select.showcase(tables))]
    frame = select.by_seed(frame.assign(early=rules.fast * frame["steps"]), KEYS, ["remaining"])
    return select.rows(frame, [*KEYS, "remaining"], ["remaining"], "nothing moves in arm batch")


def draw(frame: pd.DataFrame) -> Figure:
    """Return one panel per data regime: the median over seeds, every seed faintly, and what an even pace would give."""
    names, regimes = _parameters(frame), sorted(frame["regime"].unique())
    figure, axes = panels(len(regimes), columns=2, share=True)
    for place, regime in zip(axes, regimes, strict=True):
        rows = frame[frame["regime"] == regime]
        _yardsticks(place, rows)
        for name in reversed(names):  # gamma and beta over the weights
            every_seed(place, rows[rows["parameter"] == name], "step", "remaining", style.parameter(name))
        place.set(title=f"{regime} data", xlabel="updates made", ylabel="share of the way left", ylim=(-0.02, 1.05))
    legend(figure, names, style.parameter)
    return figure


def _parameters(frame: pd.DataFrame) -> list[str]:
    return [name for name in style.PARAMETERS if (frame["parameter"] == name).any()]


def _yardsticks(axes: Axes, rows: pd.DataFrame) -> None:
    end, early, ink = rows["step"].max(), rows["early"].iloc[0], style.INK["muted"]
    axes.plot([0, end], [1, 0], color=ink, linewidth=1, linestyle=(0, (2, 2)))
    axes.axvline(early, color=ink, linewidth=1, linestyle=(0, (2, 2)))
    for words, at in (
        ("at an even pace", (0.42 * end, 0.6)),
        (f"{share(early / end)} of the run".replace(".0 ", " "), (early, 0.94)),
    ):
        axes.annotate(words, at, xytext=(3, 0), textcoords="offset points", va="bottom", fontsize=7, color=ink)


def describe(frame: pd.DataFrame) -> str:
    """Say how much of the way each has left early in the run: the median over seeds, the lowest and the highest."""
    first, parts = frame.iloc[0], []
    for regime, rows in frame.groupby("regime"):
        seen = rows[rows["step"] == rows.loc[rows["step"] <= rows["early"], "step"].max()]
        for name in _parameters(rows):
            left = seen.loc[seen["parameter"] == name, "remaining"]
            parts.append(
                f"{style.parameter(name).label}, {regime} data: {share(left.median())} ({share(left.min())} to "
                f"{share(left.max())})"
            )
    return (
        "How far gamma, beta and the weights still are from where they end, as a share of how far they were at the "
        f"start, through training with batch norm: one line a seed, {counted(frame['seed'].nunique(), 'seed')}, median "
        f"over layers, learning rate {setting(first['lr'])}. Left after {counted(round(first['early']), 'update')}, "
        f"median and range over the seeds: {'; '.join(parts)}."
    )


PLOT = Plot("How early gamma, beta and the weights settle", data, draw, describe)
