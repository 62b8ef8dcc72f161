"""Drift per update of each layer's input, through training."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures.marks import logarithmic
from normshift.figures.plot import Plot, Tables, panels
from normshift.figures.recorded import marks, select
from normshift.figures.select import below, resolved
from normshift.params import Rules

COLUMNS = ["run", "layer", "name", "site", "step", "mean_shift"]


def data(tables: Tables, rules: Rules | None = None) -> pd.DataFrame:
    """Return how far the mean moved over one update, in sigma, of a few layers."""
    frame = select.named(tables, "shifts")
    frame = select.inputs(frame[(frame[["mode", "horizon"]] == ["batch", "step"]).all(axis=1)])
    return select.rows(select.few(frame), COLUMNS, ["mean_shift"], "no drift over one update was seen")


def draw(frame: pd.DataFrame) -> Figure:
    """Return one panel a layer, drift on a logarithmic scale."""
    titles, looks = select.panels(frame), select.looks(frame)
    figure, axes = panels(len(titles), columns=3)
    for place, (layer, title) in zip(axes, titles.items(), strict=True):
        rows = resolved(frame[frame["layer"] == layer], "mean_shift")
        marks.curves(place, rows, "mean_shift", looks)
        place.set(xlabel="updates made", ylabel="drift per update, sigma", title=title)
        if not rows.empty:
            logarithmic(place)
    marks.told(figure, looks)
    return figure


def describe(frame: pd.DataFrame) -> str:
    """Say each layer's drift at the first and the last look."""
    return (
        "Drift of the mean of a layer's input on the probe over one update, in sigma, median over units, from the "
        f"first to the last look: {marks.ends(frame, 'mean_shift')}.{below(frame, 'mean_shift')}"
    )


PLOT = Plot("How far each update moves the inputs of the layers", data, draw, describe)
