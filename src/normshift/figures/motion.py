"""How far gamma and beta move, against the learning rate, early and late, under both data regimes."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from normshift.figures import select, style
from normshift.figures.marks import logarithmic, rates
from normshift.figures.numbers import counted, factor, listed, setting
from normshift.figures.plot import Tables, panels

PARAMETERS = ("gamma", "beta")
WINDOWS = ("early", "late")
KEYS = ["regime", "parameter", "window", "lr", "seed"]


def moved(tables: Tables, value: str, windows: tuple[str, ...]) -> pd.DataFrame:
    """Return ``value`` of table `motion` for arm batch, median over layers, at rates at which every seed learns."""
    frame = select.learning(tables, select.shuffled(select.judged(tables, "motion")))
    frame = frame[(frame["norm"] == "batch") & frame["parameter"].isin(PARAMETERS) & frame["window"].isin(windows)]
    frame = select.by_seed(frame, KEYS, [value])
    return select.rows(frame, [*KEYS, value], [value], "arm batch learns at no learning rate in every seed")


def drawn(frame: pd.DataFrame, words: str) -> Figure:
    """Return one panel per parameter and data regime: a dot a seed, a line for the median; early ones are hollow."""
    value, regimes = frame.columns[-1], sorted(frame["regime"].unique())
    figure, axes = panels(len(PARAMETERS) * len(regimes), columns=2, share=True)
    places = iter(axes)
    for regime in regimes:
        for parameter in PARAMETERS:
            place = next(places)
            rows = frame[(frame["regime"] == regime) & (frame["parameter"] == parameter) & (frame[value] > 0)]
            for window, part in rows.groupby("window"):
                _window(place, part, value, window)
            place.set(title=f"{parameter}, {regime} data")
            rates(place, frame["lr"])
    for place in axes:
        logarithmic(place)
        place.set_ylabel(words)
    _legend(figure, axes[0], sorted(frame["window"].unique()))
    return figure


def _window(axes: Axes, part: pd.DataFrame, value: str, window: str) -> None:
    colour = style.ink("batch")
    face = style.INK["page"] if window == "early" else colour
    axes.scatter(part["lr"], part[value], s=10, facecolors=face, edgecolors=colour, linewidths=0.7, alpha=0.8)
    median = part.groupby("lr")[value].median()
    axes.plot(median.index, median, color=colour, linewidth=1.3, marker="o", markersize=5, markerfacecolor=face)


def _legend(figure: Figure, axes: Axes, windows: list[str]) -> None:
    colour = style.ink("batch")
    handles = [
        Line2D(
            [],
            [],
            color=colour,
            marker="o",
            markerfacecolor="none" if window == "early" else colour,
            label=f"{window} window",
        )
        for window in windows
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=len(handles))


def told(frame: pd.DataFrame, words: str) -> str:
    """Say by what factor the median rises from the lowest to the highest learning rate shown."""
    value, parts = frame.columns[-1], []
    for (regime, parameter, window), rows in frame.groupby(KEYS[:3]):
        medians = rows.groupby("lr")[value].median()
        if len(medians) > 1 and medians.iloc[0] > 0 and medians.iloc[-1] > 0:
            rise = factor(float(pd.Series(medians.iloc[-1] / medians.iloc[0]).transform("log").iloc[0]))
            parts.append(
                f"{parameter}, {regime} data, {window}: {rise} from learning rate {setting(medians.index[0])} to "
                f"{setting(medians.index[-1])}"
            )
    seeds = counted(frame["seed"].nunique(), "seed")
    change = (
        "; ".join(parts) if parts else f"only learning rate {listed([setting(lr) for lr in sorted(set(frame['lr']))])}"
    )
    return f"{words} of batch norm against the learning rate, {seeds}, rates at which every seed learns: {change}."
