"""Drift beside the loss: how far the mean at y moves within an epoch, and what the network has learnt by then."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures import select, style
from normshift.figures.marks import lines, logarithmic
from normshift.figures.numbers import counted, measured, setting
from normshift.figures.plot import Plot, Tables, legend, panels
from normshift.params import Rules

DRIFT, LOSS = "drift per update, sigma", "training loss, nats"
COLUMNS = ["regime", "quantity", "norm", "lr", "seed", "step", "value"]


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return the drift of an update at y (last layer, first probe) and the loss on the training subset, each seed."""
    lr = select.showcase(tables)
    shifts = tables["shifts"]
    shifts = shifts[(shifts[["site", "mode", "probe", "horizon"]] == ["y", "batch", "first", "step"]).all(axis=1)]
    drift = select.last_layer(select.judged({**tables, "shifts": shifts}, "shifts"))
    drift = drift.rename(columns={"mean_shift": "value"}).assign(quantity=DRIFT)
    loss = select.judged(tables, "losses").rename(columns={"loss": "value"}).assign(quantity=LOSS)
    both = select.shuffled(pd.concat([drift[[*COLUMNS, "order"]], loss[[*COLUMNS, "order"]]]))
    return select.rows(both[both["lr"] == lr], COLUMNS, ["value"], "no drift was measured at site y")


def draw(frame: pd.DataFrame) -> Figure:
    """Return, for each data regime, drift and loss through training, on logarithmic scales."""
    names, regimes = style.arms(frame["norm"]), sorted(frame["regime"].unique())
    figure, axes = panels(2 * len(regimes), columns=2)
    pairs = [(regime, quantity) for regime in regimes for quantity in (DRIFT, LOSS)]
    for place, (regime, quantity) in zip(axes, pairs, strict=True):
        rows = frame[(frame["regime"] == regime) & (frame["quantity"] == quantity)]
        lines(place, select.resolved(rows, "value"), "step", "value", names)
        place.set(xlabel="updates made", ylabel=quantity, title=f"{regime} data")
        logarithmic(place)
    legend(figure, names)
    return figure


def describe(frame: pd.DataFrame) -> str:
    """Say each arm's median drift and loss at the first and the last observation."""
    medians, parts = frame.groupby(["regime", "norm", "quantity", "step"])["value"].median(), []
    for regime in sorted(frame["regime"].unique()):
        for name in style.arms(frame.loc[frame["regime"] == regime, "norm"]):
            ends = [medians[regime, name, quantity].iloc[[0, -1]] for quantity in (DRIFT, LOSS)]
            words = [f"from {measured(values.iloc[0])} to {measured(values.iloc[-1])}" for values in ends]
            parts.append(f"{style.arm(name).label}, {regime} data: drift {words[0]}, loss {words[1]}")
    return (
        f"Drift of the mean at y over one update in the last layer, in sigma, and training loss in nats, from the "
        f"first to the last observation, medians over {counted(frame['seed'].nunique(), 'seed')} at learning rate "
        f"{setting(frame['lr'].iloc[0])}: {'; '.join(parts)}."
        f"{select.below(frame[frame['quantity'] == DRIFT], 'value')}"
    )


PLOT = Plot("Drift of the layer's inputs beside the loss", data, draw, describe)
