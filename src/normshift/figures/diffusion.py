"""Whether gamma and beta go on wandering late in training: the exponent of their diffusion."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures import select
from normshift.figures.marks import dots, reference
from normshift.figures.numbers import counted, listed, measured, setting
from normshift.figures.plot import Plot, Tables, panels
from normshift.params import Rules

PARAMETERS = ("beta", "gamma")


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return each seed's exponent of gamma and beta by layer, as they are, at the highest rate that has one.

    The table has none but of samples drawn anew and fresh data.
    """
    frame = select.judged(tables, "diffusion").dropna(subset=["exponent"])
    frame = frame[(frame["norm"] == "batch") & (frame["coordinates"] == "raw")]
    frame = frame[frame["lr"] == frame["lr"].max()]
    columns = ["norm", "lr", "parameter", "layer", "seed", "exponent"]
    return select.rows(frame, columns, ["exponent"], "no exponent was measured")


def draw(frame: pd.DataFrame) -> Figure:
    """Return every seed as a dot, a place for each parameter and layer."""
    figure, (axes,) = panels(1, columns=1)
    places = tuple(f"{name}\nlayer {layer}" for name in PARAMETERS for layer in sorted(frame["layer"].unique()))
    named = frame.assign(place=frame["parameter"] + "\nlayer " + frame["layer"].astype(str))
    dots(axes, named, "place", "exponent", places, ["batch"])
    axes.set_xticks(range(len(places)), places, fontsize=6.5)
    axes.set(xlabel="parameter", ylabel="exponent: 1 walks, 0 stays")
    for value in (0, 1):
        reference(axes, value, "")
    return figure


def describe(frame: pd.DataFrame) -> str:
    """Say the median exponent of each parameter and layer."""
    medians = frame.groupby(["parameter", "layer"])["exponent"].median()
    told = [f"{name} of layer {layer} {measured(value)}" for (name, layer), value in medians.items()]
    return (
        "Exponent h in E|x(t + k) - x(t)|^2 ~ k^h late in training, mean drift subtracted: 1 for a random walk, 0 for "
        f"what is held in place. Batch norm, samples drawn anew, fresh data, learning rate "
        f"{setting(frame['lr'].iloc[0])}, medians over {counted(frame['seed'].nunique(), 'seed')}: {listed(told)}."
    )


PLOT = Plot("Whether gamma and beta go on wandering", data, draw, describe, ("order",))
