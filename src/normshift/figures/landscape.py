"""The landscape along a step: how far loss and gradient vary there (Santurkar et al. 2018, Fig. 4)."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures import select, style
from normshift.figures.marks import lines, logarithmic, reference
from normshift.figures.numbers import counted, measured, setting
from normshift.figures.plot import Plot, Tables, legend, panels
from normshift.params import Rules

# Column of table variation -> its name in the paper (gradient predictiveness, in full), and what it is, of the gradient
# g; parameters have no unit.
QUANTITIES = {
    "loss_variation": ("loss variation", "range of the loss, nats"),
    "predictiveness": ("predictiveness", "range of |Δg|, nats"),
    "smoothness": ("effective smoothness", "|Δg| / |step|, nats"),
}
KEYS = ["regime", "quantity", "norm", "lr", "seed", "step", "shortest"]


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return each seed's three quantities at every full point, all arms at one learning rate, both regimes.

    `shortest` is 1 / the shortest step: what smoothness comes to where it says nothing but that.
    """
    frame = select.shuffled(select.judged(tables, "variation"))
    frame = frame[frame["lr"] == select.showcase(tables)]
    keys = [key for key in KEYS if key != "quantity"]
    frame = frame.melt(keys, list(QUANTITIES), "quantity", "value")
    return select.rows(frame, [*KEYS, "value"], ["value"], "no landscape was measured")


def draw(frame: pd.DataFrame) -> Figure:
    """Return one panel per data regime and quantity, on logarithmic scales."""
    names = style.arms(frame["norm"])
    groups = [(regime, name) for regime in sorted(frame["regime"].unique()) for name in QUANTITIES]
    figure, axes = panels(len(groups), columns=len(QUANTITIES))
    for place, (regime, quantity) in zip(axes, groups, strict=True):
        rows = frame[(frame["regime"] == regime) & (frame["quantity"] == quantity) & (frame["value"] > 0)]
        lines(place, rows, "step", "value", names)
        title, words = QUANTITIES[quantity]
        place.set(title=f"{title}, {regime} data", xlabel="updates made", ylabel=words)
        if quantity == "smoothness" and len(rows):
            reference(place, rows["shortest"].iloc[0], "1 / shortest step")
        logarithmic(place)
    legend(figure, names)
    return figure


def describe(frame: pd.DataFrame) -> str:
    """Say each arm's medians at the first and the last observation."""
    medians, parts = frame.groupby(["regime", "quantity", "norm", "step"])["value"].median().dropna(), []
    for regime in sorted(frame["regime"].unique()):
        for quantity, (title, _) in QUANTITIES.items():
            told = [
                f"{style.arm(name).label} from {measured(ends.iloc[0])} to {measured(ends.iloc[-1])}"
                for name in style.arms(frame["norm"])
                if (regime, quantity, name) in medians and len(ends := medians[regime, quantity, name])
            ]
            parts.append(f"{title}, {regime} data: {', '.join(told) or measured(None)}")
    seen = sorted(frame["step"].unique())
    return (
        "How far loss and gradient vary along the gradient, over steps of half to four learning rates: the range of "
        "the loss, that of the change |Δg| of the gradient, and the largest change over the length of its step. From "
        f"update {seen[0]:,} to {seen[-1]:,}, medians over {counted(frame['seed'].nunique(), 'seed')}, learning rate "
        f"{setting(frame['lr'].iloc[0])}: {'; '.join(parts)}."
    )


PLOT = Plot("The landscape along a step", data, draw, describe)
