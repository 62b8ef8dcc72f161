"""Batch norm in a regression: how far from the full batch's optimum training ends, and how far a distorted one lies."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures import select
from normshift.figures.marks import logarithmic, paired
from normshift.figures.numbers import counted, listed, measured, setting
from normshift.figures.plot import Plot, Tables, panels
from normshift.params import Rules

# What was trained on, or what lies there, and the arm in whose style it is drawn.
PLACES = {
    "full\nbatch": "batch",
    "re-\nshuffled": "batch",
    "shuffled\nonce": "batch",
    "optimum\nof these": "other",
}
FULL, RESHUFFLED, ONCE, DISTORTED = PLACES
WORDS = {place: " ".join(place.replace("-\n", "").split()) for place in PLACES}
ALSO = ("batch_size",)
KEYS = ["lr", "place", "seed"]


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return each seed's excess loss over the optimum of the full batch, at every rate, by what it was trained on.

    And that of the optimum in closed form of batches that are shuffled once (Wu, Yun & Sra 2023).
    """
    frame = select.judged(tables, "regression", ALSO)
    frame = frame[(frame["norm"] == "batch") & (frame["regime"] == "clean")]
    whole = (frame["batch_size"] == frame["batch_size"].max()) & (frame["batch_size"].nunique() > 1)
    own = frame["order"].map({"reshuffle": RESHUFFLED, "single": ONCE}).mask(whole, FULL)
    once = frame[(frame["order"] == "single") & ~whole]
    parts = [frame.assign(place=own).dropna(subset=["place"]), once.assign(place=DISTORTED, excess=once["distorted"])]
    return select.rows(pd.concat(parts), [*KEYS, "excess"], ["excess"], "no network has an optimum in closed form")


def draw(frame: pd.DataFrame) -> Figure:
    """Return one panel per learning rate: every seed a dot, those of a seed linked."""
    places = {place: arm for place, arm in PLACES.items() if (frame["place"] == place).any()}
    rates = sorted(frame["lr"].unique())
    figure, axes = panels(len(rates), columns=2, share=True)
    for axis, lr in zip(axes, rates, strict=True):
        paired(axis, frame[frame["lr"] == lr], "place", "excess", places)
        axis.set_xticks(range(len(places)), list(places), fontsize=7)
        axis.set(title=f"learning rate {setting(lr)}", xlabel="trained on, or lies at")
    for axis in axes:
        logarithmic(axis)
        axis.set_ylabel("excess squared loss")
    return figure


def describe(frame: pd.DataFrame) -> str:
    """Say the median excess of every place at every rate."""
    parts = []
    for lr, rows in frame.groupby("lr"):
        medians = rows.groupby("place")["excess"].median()
        told = [f"{WORDS[place]} {measured(medians[place])}" for place in PLACES if place in medians]
        parts.append(f"learning rate {setting(float(lr))}: {listed(told)}")
    return (
        "Full-batch squared loss at the end of the run, less its least value, of a linear network with batch norm "
        "trained on the full batch or on mini-batches, and of the optimum in closed form of mini-batches shuffled once "
        f"and reused; medians over {counted(frame['seed'].nunique(), 'seed')}: {'; '.join(parts)}."
    )


READS = ("cells", "regression")
PLOT = Plot("Batch norm in a regression", data, draw, describe, ("regression",), READS, ("linear",))
