"""Percentiles of one unit of each layer through training (Ioffe & Szegedy 2015, Fig. 1b, c)."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures import style
from normshift.figures.numbers import measured
from normshift.figures.plot import Plot, Tables, panels
from normshift.figures.recorded import marks, select
from normshift.params import Rules

VALUES = ["q15", "q50", "q85"]
COLUMNS = ["run", "layer", "name", "unit", "step", *VALUES]


def data(tables: Tables, rules: Rules | None = None) -> pd.DataFrame:
    """Return the percentiles of the first kept unit of a few layers."""
    frame = select.few(select.inputs(select.named(tables, "bands")))
    frame = frame[frame["unit"] == frame.groupby(["run", "layer"])["unit"].transform("min")]
    return select.rows(frame, COLUMNS, VALUES, "no percentiles were kept")


def draw(frame: pd.DataFrame) -> Figure:
    """Return one panel a layer: the median, and the band from the 15th to the 85th percentile."""
    titles, looks = select.panels(frame), select.looks(frame)
    figure, axes = panels(len(titles), columns=3)
    for place, (layer, title) in zip(axes, titles.items(), strict=True):
        rows = frame[frame["layer"] == layer]
        for name, look in looks.items():
            own, ink = rows[rows["run"] == name], style.INK[look.colour]
            place.fill_between(own["step"], own["q15"], own["q85"], color=ink, alpha=0.22, linewidth=0)
        marks.curves(place, rows, "q50", looks)
        place.set(xlabel="updates made", ylabel="input", title=title)
    marks.told(figure, looks)
    return figure


def describe(frame: pd.DataFrame) -> str:
    """Say between what the median of each layer's unit moves, and how wide the band is last seen."""
    parts = [
        f"{run}, unit {own['unit'].iloc[0]} of layer {layer}: the median lies between {measured(own['q50'].min())} and "
        f"{measured(own['q50'].max())}, the band is last {measured(own['q85'].iloc[-1] - own['q15'].iloc[-1])} wide"
        for (run, layer), own in frame.groupby(["run", "layer"])
    ]
    return f"Percentiles 15, 50 and 85 of one unit on the probe, normalised by the probe itself. {'; '.join(parts)}."


PLOT = Plot("The inputs of one unit of each layer", data, draw, describe)
