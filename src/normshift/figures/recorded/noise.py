"""Noise between batches before the normaliser, and when drift exceeds it, by layer."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures.marks import logarithmic
from normshift.figures.numbers import measured
from normshift.figures.plot import Plot, Tables, panels
from normshift.figures.recorded import marks, select
from normshift.params import Rules

VALUES = {"mean_noise": "sd of batch mean, sigma", "ratio_step": "drift / noise", "horizon": "updates"}
TITLES = {"mean_noise": "noise", "ratio_step": "drift of one update", "horizon": "until drift exceeds noise"}
COLUMNS = ["run", "layer", "name", *VALUES]


def data(tables: Tables, rules: Rules | None = None) -> pd.DataFrame:
    """Return each layer's noise of the mean, drift by it, and horizon at u: medians over the full looks after 0."""
    frame = select.named(tables, "noise")
    frame = select.before(frame)[lambda rows: rows["step"] > 0]
    frame = frame.groupby(COLUMNS[:3], as_index=False)[list(VALUES)].median()
    return select.rows(frame, COLUMNS, list(VALUES), "no full look after the start")


def draw(frame: pd.DataFrame) -> Figure:
    """Return noise, drift by noise, and horizon, against the layer."""
    looks = select.looks(frame)
    figure, axes = panels(len(VALUES), columns=3)
    for place, (value, unit) in zip(axes, VALUES.items(), strict=True):
        marks.curves(place, frame, value, looks, x="layer")
        place.set(xlabel="layer", ylabel=unit, title=TITLES[value])
        if (frame[value] > 0).any():
            logarithmic(place)
    marks.told(figure, looks)
    return figure


def describe(frame: pd.DataFrame) -> str:
    """Say the median over layers of each run."""
    parts = [
        f"{run}: noise {measured(own['mean_noise'])} sigma, drift of one update {measured(own['ratio_step'])} of it, "
        f"horizon {measured(own['horizon'])} updates"
        for run, own in frame.groupby("run")[list(VALUES)].median().iterrows()
    ]
    return (
        "Standard deviation of the mean between training batches at fixed weights before the normaliser, the drift of "
        "one update over it, and after how many updates the drift exceeds the noise of one random batch (at least so "
        f"many where it never did); medians over layers. {'; '.join(parts)}."
    )


PLOT = Plot("Drift and the noise between batches", data, draw, describe)
