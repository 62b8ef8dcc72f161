"""How different the batches of each order are, relative to random batches (multivariate hypergeometric)."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures import select, style
from normshift.figures.marks import logarithmic
from normshift.figures.numbers import counted, measured
from normshift.figures.plot import Plot, Tables, panels
from normshift.params import Rules

QUANTITIES = {"label_share": "label shares", "input_mean": "input means"}


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return each seed's variance between batches over that of random batches, by order."""
    frame = tables["heterogeneity"]
    frame = frame.assign(ratio=frame["measured"] / frame["expected"])
    columns = ["quantity", "order", "batch_size", "seed", "measured", "expected", "ratio"]
    return select.rows(frame, columns, ["ratio"], "no order has a heterogeneity")


def draw(frame: pd.DataFrame) -> Figure:
    """Return one panel a quantity, every seed as a dot."""
    orders = sorted(frame["order"].unique())
    figure, axes = panels(len(QUANTITIES), columns=2, height=1.2 + 0.22 * len(orders))
    for place, (quantity, words) in zip(axes, QUANTITIES.items(), strict=True):
        rows = frame[frame["quantity"] == quantity]
        heights = rows["order"].map(orders.index) + 0.6 * (rows.groupby("order")["seed"].rank(pct=True) - 0.5)
        place.scatter(rows["ratio"], heights, s=12, color=style.INK["text"], alpha=0.7, linewidths=0)
        place.set_yticks(range(len(orders)), orders)
        place.set_ylim(len(orders) - 0.5, -0.5)
        place.set(title=words, xlabel="variance / random batches", ylabel="")
        logarithmic(place, "x")
        place.axvline(1, color=style.INK["muted"], linewidth=1, linestyle=(0, (2, 2)))
    return figure


def describe(frame: pd.DataFrame) -> str:
    """Say each order's median ratio."""
    medians = frame.groupby(["order", "quantity"])["ratio"].median()
    parts = [
        f"{order}: "
        + ", ".join(f"{measured(medians[order, quantity])} for {words}" for quantity, words in QUANTITIES.items())
        for order in sorted(frame["order"].unique())
    ]
    return (
        f"Variance between batches divided by that of random batches, median over "
        f"{counted(frame['seed'].nunique(), 'seed')}; "
        f"one is what shuffling gives: {'; '.join(parts)}."
    )


PLOT = Plot("How different the mini-batches of each order are", data, draw, describe)
