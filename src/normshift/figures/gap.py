"""The gap between training and inference: what running averages miss, and what that costs in accuracy."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from normshift.figures import select
from normshift.figures.marks import logarithmic, paired
from normshift.figures.numbers import counted, listed, measured, setting, share
from normshift.figures.plot import NotMeasured, Plot, Tables, panels
from normshift.params import Rules

DISTANCE, ACCURACY = "distance", "accuracy"
# Arm -> the momentum of its running averages, which is all that tells them apart.
MOMENTA = {"batch": "m = 0.1", "ema_001": "m = 0.01"}
ORDERS = {"reshuffle": "shuffled", "sorted": "sorted"}
MODES = {"batch": "own\nbatch", "ema": "running\n{}", "population": "exact"}
KEYS = ["quantity", "order", "statistics", "lr", "seed"]


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return each seed's distance of the running mean (sd of the unit, median over layers and an epoch), and accuracy.

    By order and momentum, on clean data, at the highest learning rate of the long memory.
    """
    outcomes, missed = (_rows(tables, name) for name in ("outcomes", "discrepancies"))
    if outcomes.empty:
        raise NotMeasured("no arm keeps running averages")
    kept = select.by_seed(missed.assign(statistics=missed["norm"].map(MOMENTA)), KEYS[1:], ["tid_mean"])
    parts = [kept.rename(columns={"tid_mean": "value"}).assign(quantity=DISTANCE)]
    for mode, words in MODES.items():
        # Weights do not depend on the momentum: of the other two modes one arm says all.
        own = outcomes if mode == "ema" else outcomes[outcomes["norm"] == "batch"]
        names = own["norm"].map(MOMENTA).map(words.format)
        parts.append(own.assign(statistics=names, value=own[f"test_accuracy_{mode}"], quantity=ACCURACY))
    frame = pd.concat(part[[*KEYS, "value"]] for part in parts)
    return select.rows(frame, [*KEYS, "value"], ["value"], "no accuracy was measured")


def _rows(tables: Tables, name: str) -> pd.DataFrame:
    frame = select.judged(tables, name)
    frame = frame[frame["norm"].isin(list(MOMENTA)) & frame["order"].isin(list(ORDERS)) & (frame["regime"] == "clean")]
    long = frame.loc[frame["norm"] != "batch", "lr"]
    return frame[frame["lr"] == (select.showcase(tables) if long.empty else long.max())]


def draw(frame: pd.DataFrame) -> Figure:
    """Return the distance by order and momentum, and for each order the accuracy by statistics; every seed a dot."""
    orders = [order for order in ORDERS if (frame["order"] == order).any()]
    figure, (distance, *accuracies) = panels(1 + len(orders), columns=3)
    rows = frame[frame["quantity"] == DISTANCE]
    rows = rows.assign(place=rows["order"].map(ORDERS) + "\n" + rows["statistics"])
    places = [f"{ORDERS[order]}\n{momentum}" for order in orders for momentum in MOMENTA.values()]
    _panel(distance, rows, places, "what running means miss", "distance, sd")
    logarithmic(distance)
    for place, order in zip(accuracies, orders, strict=True):
        rows = frame[(frame["quantity"] == ACCURACY) & (frame["order"] == order)]
        rows = rows.assign(place=rows["statistics"], value=100 * rows["value"])
        _panel(place, rows, _statistics(), f"accuracy, {ORDERS[order]}", "test accuracy, %")
    return figure


def _statistics() -> list[str]:
    """Return what normalises at inference, from the batch itself to the training set."""
    return [name for words in MODES.values() for name in dict.fromkeys(map(words.format, MOMENTA.values()))]


def _panel(axes: Axes, rows: pd.DataFrame, places: list[str], title: str, words: str) -> None:
    shown = [place for place in places if (rows["place"] == place).any()]
    paired(axes, rows, "place", "value", dict.fromkeys(shown, "batch"))
    axes.set_xticks(range(len(shown)), shown, fontsize=7)
    axes.set(title=title, xlabel="statistics" if words.endswith("%") else "order, momentum m", ylabel=words)


def describe(frame: pd.DataFrame) -> str:
    """Say the medians of every order: what the running means miss, and the accuracy with each statistics."""
    medians, parts = frame.groupby(["quantity", "order", "statistics"])["value"].median(), []
    for order, words in ORDERS.items():
        missed = [
            f"{measured(medians[DISTANCE, order, momentum])} with {momentum}"
            for momentum in MOMENTA.values()
            if (DISTANCE, order, momentum) in medians
        ]
        right = [
            f"{' '.join(name.split())} {share(medians[ACCURACY, order, name])}"
            for name in _statistics()
            if (ACCURACY, order, name) in medians
        ]
        if missed or right:
            parts.append(f"{words}: {listed(missed)}; test accuracy {listed(right)}")
    return (
        "Distance of the running mean from the mean of held-out data, in the standard deviation of the unit, before "
        "the normaliser, and test accuracy normalised by the batch itself, by running averages of momentum m or by "
        f"exact statistics of the training set; medians over {counted(frame['seed'].nunique(), 'seed')} at learning "
        f"rate {setting(frame['lr'].iloc[0])}. {'. '.join(part[0].upper() + part[1:] for part in parts)}."
    )


PLOT = Plot("What running averages miss", data, draw, describe, ("ema", "core"), ("cells", "outcomes", "discrepancies"))
