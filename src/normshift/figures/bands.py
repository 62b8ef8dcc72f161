"""The founding figure: percentiles of one unit's input through training (Ioffe & Szegedy 2015, Fig. 1b, c)."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures import select, style
from normshift.figures.numbers import listed, measured, setting
from normshift.figures.plot import Plot, Tables, panels
from normshift.params import Rules

VALUES = ["q15", "q50", "q85"]
COLUMNS = ["norm", "lr", "seed", "layer", "unit", "step", "diverged", *VALUES]


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return the percentiles at y, last layer, of the first kept unit of the first judged seed."""
    frame = select.last_layer(select.at_showcase(tables, "bands"))
    frame = frame[(frame["site"] == "y") & (frame["seed"] == frame["seed"].min())]
    frame = frame[frame["unit"] == frame["unit"].min()]
    frame = select.with_divergence(tables, frame)
    return select.rows(frame, COLUMNS, VALUES, "no percentiles were kept at site y")


def draw(frame: pd.DataFrame) -> Figure:
    """Return one panel an arm: the median and the band from the 15th to the 85th percentile."""
    names = style.arms(frame["norm"])
    figure, axes = panels(len(names), columns=3, share=True)
    for place, name in zip(axes, names, strict=True):
        arm, rows = style.arm(name), frame[frame["norm"] == name]
        place.fill_between(rows["step"], rows["q15"], rows["q85"], color=style.ink(name), alpha=0.22, linewidth=0)
        place.plot(rows["step"], rows["q15"], color=style.ink(name), linewidth=0.8)
        place.plot(rows["step"], rows["q85"], color=style.ink(name), linewidth=0.8)
        dash = (0, arm.dash) if arm.dash else "-"
        place.plot(rows["step"], rows["q50"], color=style.ink(name), marker=arm.marker, markersize=4, linestyle=dash)
        place.set(title=arm.label, xlabel="updates made")
    for place in axes:
        place.set_ylabel("input y")
    return figure


def describe(frame: pd.DataFrame) -> str:
    """Say, for each arm, how wide the band is first and last seen, and between what its median moves."""
    first = frame.iloc[0]
    parts, lasting = [], frame[~frame["diverged"]]
    for name in style.arms(lasting["norm"]):
        rows = lasting[lasting["norm"] == name]
        width = (rows["q85"] - rows["q15"]).iloc[[0, -1]]
        parts.append(
            f"{style.arm(name).label}: the width of the band goes from {measured(width.iloc[0])} to "
            f"{measured(width.iloc[1])}, last seen at update {rows['step'].iloc[-1]:,}, "
            f"the median lies between {measured(rows['q50'].min())} and "
            f"{measured(rows['q50'].max())}"
        )
    return (
        f"Percentiles {listed([name[1:] for name in VALUES])} of the input y of unit {first['unit']} in hidden layer "
        f"{first['layer']} through training, seed {first['seed']}, learning rate {setting(first['lr'])}: "
        f"{'; '.join(parts) or 'every run diverged'}."
    )


PLOT = Plot("The inputs of one unit through training, with and without batch norm", data, draw, describe)
