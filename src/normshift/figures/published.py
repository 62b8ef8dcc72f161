"""Ioffe & Szegedy 2015, Figure 1, as published and run again: accuracy, and the bands of a sigmoid's input."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from normshift.figures import style
from normshift.figures.numbers import measured
from normshift.figures.plot import NotMeasured, Plot, Tables, legend, panels
from normshift.params import Rules

ACCURACY, BAND = "accuracy", "input y"
PUBLISHED, HERE = "published", "here"
ARMS = ("none", "batch")
KEYS = ["panel", "norm", "origin", "line", "step"]
LINES = ("q15", "q50", "q85")


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return every line of both: panel, arm, origin, line (of a band its percentile), step, value."""
    if tables["here_bands"].empty or tables["here_accuracy"].empty:
        raise NotMeasured("the figure was not run again")
    last = float(tables["here_bands"]["step"].max())
    curves = tables["here_accuracy"].melt(["step", "norm"], var_name="line").assign(panel=ACCURACY, origin=HERE)
    read = tables["published_accuracy"].assign(line="middle", panel=ACCURACY, origin=PUBLISHED)
    bands = tables["here_bands"].melt(["step", "norm"], var_name="line").assign(panel=BAND, origin=HERE)
    drawn = tables["published_bands"].assign(panel=BAND, origin=PUBLISHED)
    drawn = drawn.assign(step=drawn["share"] * last).drop(columns="share")
    return pd.concat([curves, read, bands, drawn])[[*KEYS, "value"]].sort_values(KEYS, ignore_index=True)


def draw(frame: pd.DataFrame) -> Figure:
    """Return accuracies in one panel, and each arm's band in one of its own: published thin, in grey."""
    figure, (accuracy, *bands) = panels(3, columns=3)
    for name in ARMS:
        rows = frame[(frame["norm"] == name) & (frame["panel"] == ACCURACY)]
        _shaded(accuracy, rows, name, "low", "high", "middle")
    accuracy.set(title="accuracy on the test set", ylim=(0.7, 1.0), ylabel="accuracy")
    for place, name in zip(bands, ARMS, strict=True):
        rows = frame[(frame["norm"] == name) & (frame["panel"] == BAND)]
        _shaded(place, rows, name, *(LINES[0], LINES[2], LINES[1]))
        place.set(title=style.arm(name).label, ylabel=BAND)
    low, high = (pick(*(place.get_ylim()[side] for place in bands)) for side, pick in ((0, min), (1, max)))
    for place in (accuracy, *bands):
        place.set_xlabel("updates made")
        place.set_xlim(0, frame["step"].max() * 1.02)
        place.set_xticks([0, 20_000, 40_000], ["0", "20,000", "40,000"])
    for place in bands:
        place.set_ylim(low, high)
    legend(figure, [*ARMS, PUBLISHED], lambda name: _look(name))
    return figure


def _look(name: str) -> style.Arm:
    return style.Arm("as published", "muted", (2, 1), "") if name == PUBLISHED else style.arm(name)


def _shaded(axes: Axes, rows: pd.DataFrame, name: str, low: str, high: str, middle: str) -> None:
    own = rows[rows["origin"] == HERE].pivot(index="step", columns="line", values="value")
    arm = style.arm(name)
    axes.fill_between(own.index, own[low], own[high], color=style.ink(name), alpha=0.2, linewidth=0)
    dash = (0, arm.dash) if arm.dash else "-"
    axes.plot(
        own.index, own[middle], color=style.ink(name), linestyle=dash, marker=arm.marker, markersize=3, markevery=10
    )
    for _, line in rows[rows["origin"] == PUBLISHED].groupby("line"):
        axes.plot(line["step"], line["value"], color=style.INK["muted"], linewidth=0.8, linestyle=(0, (2, 1)))


def describe(frame: pd.DataFrame) -> str:
    """Say where accuracies and bands end, published and here."""
    last = frame.sort_values("step").groupby(["panel", "norm", "origin", "line"])["value"].last()
    parts = []
    for name in ARMS:
        ends = [
            f"{measured(last[ACCURACY, name, origin, 'middle'])} {words}"
            for origin, words in ((HERE, "here"), (PUBLISHED, "as published"))
        ]
        bands = [
            f"{measured(last[BAND, name, origin, LINES[2]] - last[BAND, name, origin, LINES[0]])} {words}"
            for origin, words in ((HERE, "here"), (PUBLISHED, "as published"))
        ]
        parts.append(
            f"{style.arm(name).label}: accuracy ends at {' and '.join(ends)}, the band's width at {' and '.join(bands)}"
        )
    return (
        "Left, accuracy on the test set: the median over the judged seeds, shaded from the lowest to the highest. "
        "Middle and right, percentiles 15, 50 and 85 of the input y of one unit of the last hidden layer: here of the "
        "one whose median gets as far as that of half of all units, in the paper of one that is not named. "
        f"{'; '.join(parts)}."
    )


PLOT = Plot("Ioffe and Szegedy's Figure 1, as published and run again", data, draw, describe, ("repro_ioffe_figure_1",))
