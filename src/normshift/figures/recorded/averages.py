"""What running averages and exact statistics miss of the probe, through training."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures.plot import Plot, Tables, panels
from normshift.figures.recorded import marks, select
from normshift.params import Rules

COLUMNS = ["run", "layer", "name", "step", "tid_mean"]


def data(tables: Tables, rules: Rules | None = None) -> pd.DataFrame:
    """Return the distance of the running mean from the probe's mean, in its sd, of a few layers."""
    frame = select.named(tables, "identities")
    frame = select.few(frame[frame["mode"] == "ema"])
    return select.rows(frame, COLUMNS, ["tid_mean"], "the model keeps no running averages")


def draw(frame: pd.DataFrame) -> Figure:
    """Return one panel a layer."""
    titles, looks = select.panels(frame), select.looks(frame)
    figure, axes = panels(len(titles), columns=3)
    for place, (layer, title) in zip(axes, titles.items(), strict=True):
        marks.curves(place, frame[frame["layer"] == layer], "tid_mean", looks)
        place.set(xlabel="updates made", ylabel="distance, sd", title=title)
    marks.told(figure, looks)
    return figure


def describe(frame: pd.DataFrame) -> str:
    """Say the first and last distance of each layer."""
    return (
        "Distance of the running mean from the probe's own in evaluation, in its standard deviation, median over units "
        f"(train/inference discrepancy: Wang, Wu & Huang 2022), first and last seen: {marks.ends(frame, 'tid_mean')}."
    )


PLOT = Plot("What running averages miss", data, draw, describe)
