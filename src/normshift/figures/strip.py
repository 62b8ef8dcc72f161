"""The explorer on paper: the inputs of a layer's kept units at five steps, arm by arm."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from normshift.figures import select, style
from normshift.figures.numbers import counted, listed, measured, setting
from normshift.figures.plot import Plot, Tables, panels
from normshift.params import Rules

VALUES = ["q15", "q50", "q85"]
COLUMNS = ["norm", "lr", "seed", "layer", "step", "unit", *VALUES]
MOMENTS = 5
SPREAD = 0.8  # of the room between two steps that a layer's units fill


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return the percentiles at y, last layer, of every kept unit of the first judged seed, at five steps."""
    frame = select.last_layer(select.at_showcase(tables, "bands"))
    frame = frame[(frame["site"] == "y") & (frame["seed"] == frame["seed"].min())]
    steps = np.sort(frame["step"].unique())
    chosen = steps[np.linspace(0, len(steps) - 1, min(MOMENTS, len(steps))).round().astype(int)]
    frame = frame[frame["step"].isin(chosen)]
    return select.rows(frame, COLUMNS, VALUES, "no percentiles were kept at site y")


def draw(frame: pd.DataFrame) -> Figure:
    """Return one panel an arm: at every step a bar for each unit, from percentile 15 to 85, a dot at its median."""
    names, steps = style.arms(frame["norm"]), sorted(frame["step"].unique())
    figure, axes = panels(len(names), columns=3, share=True)
    for place, name in zip(axes, names, strict=True):
        rows = frame[frame["norm"] == name]
        x = rows["step"].map(steps.index) + SPREAD * (rows.groupby("step")["unit"].rank(pct=True) - 0.5)
        place.vlines(x, rows["q15"], rows["q85"], color=style.ink(name), linewidth=1.6, alpha=0.6)
        place.scatter(x, rows["q50"], s=7, color=style.ink(name), marker=style.arm(name).marker, linewidths=0)
        place.set_xticks(range(len(steps)), [f"{step:,}" for step in steps])
        place.set(title=style.arm(name).label, xlabel="updates made", ylabel="input y")
    return figure


def describe(frame: pd.DataFrame) -> str:
    """Say, for each arm, between what the medians of the units lie first and last."""
    first, parts = frame.iloc[0], []
    ends = frame["step"].min(), frame["step"].max()
    for name in style.arms(frame["norm"]):
        rows = frame[frame["norm"] == name].dropna(subset=["q50"])
        seen = [rows[rows["step"] == step]["q50"] for step in ends]
        words = [
            f"between {measured(medians.min())} and {measured(medians.max())} at update {step:,}"
            for step, medians in zip(ends, seen, strict=True)
            if len(medians)
        ]
        parts.append(f"{style.arm(name).label}: {' and '.join(words) or 'diverged'}")
    quantiles, units = listed([name[1:] for name in VALUES]), counted(frame["unit"].nunique(), "unit")
    return (
        f"Percentiles {quantiles} of the input y of {units} of hidden layer {first['layer']} at "
        f"{counted(frame['step'].nunique(), 'moment')}, seed {first['seed']}, learning rate {setting(first['lr'])}. "
        f"Their medians lie: {'; '.join(parts)}."
    )


PLOT = Plot("The inputs of a layer, moment by moment", data, draw, describe)
