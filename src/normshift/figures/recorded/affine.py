"""Gamma and beta through training."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures import style
from normshift.figures.numbers import measured
from normshift.figures.plot import Plot, Tables, panels
from normshift.figures.recorded import marks, select
from normshift.params import Rules

VALUES = ["gamma", "beta"]
COLUMNS = ["run", "layer", "name", "unit", "step", *VALUES]
MOST = 3  # layers: each has a panel for gamma and one for beta


def data(tables: Tables, rules: Rules | None = None) -> pd.DataFrame:
    """Return gamma and beta of the kept units of a few layers."""
    frame = select.few(select.named(tables, "trajectories"), MOST)
    return select.rows(frame, COLUMNS, VALUES, "the model has no gamma and no beta")


def draw(frame: pd.DataFrame) -> Figure:
    """Return for each layer gamma and beta: the median over units, and from the lowest to the highest."""
    titles, looks = select.panels(frame), select.looks(frame)
    figure, axes = panels(2 * len(titles), columns=len(titles))
    pairs = [(value, layer) for value in VALUES for layer in titles]
    for place, (value, layer) in zip(axes, pairs, strict=True):
        for name, look in looks.items():
            own = frame[(frame["layer"] == layer) & (frame["run"] == name)].groupby("step")[value]
            ink, dash = style.INK[look.colour], (0, look.dash) if look.dash else "-"
            median = own.median()
            place.fill_between(median.index, own.min(), own.max(), color=ink, alpha=0.2, linewidth=0)
            place.plot(median.index, median, color=ink, linestyle=dash, linewidth=1.2)
        place.set(xlabel="updates made", ylabel=value, title=titles[layer])
    marks.told(figure, looks)
    return figure


def describe(frame: pd.DataFrame) -> str:
    """Say the medians at the last look."""
    last = frame[frame["step"] == frame.groupby("run")["step"].transform("max")]
    medians = last.groupby(["run", "layer"])[VALUES].median()
    parts = [
        f"{run}, layer {layer}: gamma {measured(row['gamma'])}, beta {measured(row['beta'])}"
        for (run, layer), row in medians.iterrows()
    ]
    return (
        f"Gamma and beta of the kept units: medians and the whole range. Medians at the last look: {'; '.join(parts)}."
    )


PLOT = Plot("Gamma and beta", data, draw, describe)
