"""Alike batches: how far the loss still falls late in training, against how different the batches are."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from normshift.figures import select, style
from normshift.figures.marks import dots, reference
from normshift.figures.numbers import counted, listed, measured, setting
from normshift.figures.plot import Plot, Tables, legend, panels
from normshift.params import Rules

# What makes batches alike or not, as claim C19 has it: their order, in random time, or their size.
KINDS = {"order": "order varied", "batch_size": "batch size varied"}
ORDERS = ("stratified", "reshuffle", "dirichlet", "blocked")
ARMS = ("none", "batch")
ALSO = ("batch_size",)
KEYS = ["regime", "kind", "norm", "lr", "order", "batch_size", "seed"]


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return each seed's fall of ln loss in the late window, and the sd of label shares between its batches.

    At the learning rate with the most kinds of batches. A run that diverged falls by 0; where any seed has memorised
    its data a window says nothing and has no row.
    """
    frame = select.judged(tables, "outcomes", ALSO)
    frame = frame[frame["order"].isin(ORDERS) & frame["norm"].isin(ARMS)]
    fall = -frame["late_slope"] * frame["steps"] * rules.late / frame["late_loss"]
    frame = frame.assign(fall=fall.mask(frame["diverged_step"].notna(), 0.0))
    memorised = frame.groupby(["regime", "norm", "lr", "order", "batch_size"])["memorised"].transform("any")
    frame = _at_one_rate(frame[~memorised.astype(bool)]).merge(_spread(tables), on=["order", "batch_size", "seed"])
    return select.rows(
        frame, [*KEYS, "spread", "fall"], ["fall"], "every late window is memorised, or no order is known"
    )


def _spread(tables: Tables) -> pd.DataFrame:
    batches = tables["heterogeneity"]
    batches = batches[batches["quantity"] == "label_share"]
    return batches.assign(spread=np.sqrt(batches["measured"]))[["order", "batch_size", "seed", "spread"]]


def _at_one_rate(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of each kind at one rate; usual batches, of the size of the orders, belong to both kinds."""
    doses = frame.drop_duplicates(["regime", "norm", "lr", "order", "batch_size"]).groupby("lr").size()
    most = doses[doses == doses.max()].index
    frame = frame[frame["lr"] == most[len(most) // 2]] if len(most) else frame
    sizes = frame.groupby("batch_size")["order"].nunique()
    usual = frame["batch_size"] == (sizes.idxmax() if len(sizes) else 0)
    shuffled = frame["order"] == "reshuffle"
    return pd.concat([frame[usual].assign(kind="order"), frame[shuffled].assign(kind="batch_size")])


def draw(frame: pd.DataFrame) -> Figure:
    """Return one panel per data regime and what is varied, from the most alike batches: every seed a dot."""
    names, groups = style.arms(frame["norm"]), sorted(frame.groupby(["regime", "kind"]).groups, reverse=True)
    figure, axes = panels(len(groups), columns=2, share=True)
    for place, (regime, kind) in zip(axes, groups, strict=True):
        rows = frame[(frame["regime"] == regime) & (frame["kind"] == kind)]
        spread = rows.groupby(kind)["spread"].median().sort_values()
        dots(place, rows, kind, "fall", tuple(spread.index), names)
        place.set_xticks(range(len(spread)), [f"{name}\n{measured(sd, 2)}" for name, sd in spread.items()], fontsize=7)
        place.set(title=f"{KINDS[kind]}, {regime} data", xlabel="sd of label shares")
        place.set_ylabel("late fall of ln loss")
        reference(place, 0, "")
    legend(figure, names)
    return figure


def describe(frame: pd.DataFrame) -> str:
    """Say the median fall at every dose, from the most alike batches to the least."""
    parts = []
    for (regime, kind, name), rows in frame.groupby(["regime", "kind", "norm"]):
        middle = rows.groupby(["order", "batch_size"])[["spread", "fall"]].median().sort_values("spread")
        told = [
            f"{order if kind == 'order' else f'{size:,} samples'} {measured(row['fall'])}"
            for (order, size), row in middle.iterrows()
        ]
        parts.append(f"{style.arm(name).label}, {regime} data, {KINDS[kind]}: {listed(told)}")
    return (
        "By how much ln training loss falls in the late window, against how different the batches are in their labels, "
        f"from the most alike to the least, medians over {counted(frame['seed'].nunique(), 'seed')}, learning rate "
        f"{setting(frame['lr'].iloc[0])}; windows that are memorised are left out: {'; '.join(parts)}."
    )


STUDIES, READS = ("batch_size", "core", "order"), ("cells", "outcomes", "heterogeneity")
PLOT = Plot("Learning from batches that are alike", data, draw, describe, STUDIES, READS)
