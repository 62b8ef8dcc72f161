"""The freeze test: what the loss comes to where gamma and beta, or as many weights, stop being learnt."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from normshift.figures import select
from normshift.figures.marks import diverged, logarithmic, paired
from normshift.figures.numbers import counted, listed, measured, setting, share
from normshift.figures.plot import NotMeasured, Plot, Tables, panels
from normshift.params import Rules

# What stops being learnt, and the arm in whose style it is drawn.
WAYS = {"nothing": "batch", "γ and β": "frozen", "as many\nweights": "other", "γ and β\nat once": "frozen"}
# Arm, and the share of the run at which it is compared -> what stops there.
CALLED = {
    ("batch", 0.1): "nothing",
    ("frozen_at_10", 0.1): "γ and β",
    ("weights_frozen_at_10", 0.1): "as many\nweights",
    ("frozen", 0.1): "γ and β\nat once",
    ("batch", 0.3): "nothing",
    ("frozen_at_30", 0.3): "γ and β",
    ("weights_frozen_at_30", 0.3): "as many\nweights",
    ("frozen", 0.3): "γ and β\nat once",
}
KEYS = ["regime", "since", "lr", "way", "norm", "seed"]


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return each seed's mean training loss (geometric) from each moment of freezing on, by what was frozen then.

    At the highest learning rate at which anything was; where nothing was, at the one figures compare arms at.
    """
    frame = select.shuffled(select.judged(tables, "areas"))
    tried = frame.loc[frame["norm"].str.contains("frozen_at"), "lr"]
    frame = frame[frame["lr"] == (select.showcase(tables) if tried.empty else tried.max())]
    way = pd.Series(zip(frame["norm"], frame["since"], strict=True), frame.index, dtype=object).map(CALLED)
    frame = frame.assign(way=way, loss=np.exp(frame["log_loss"]), diverged=frame["log_loss"].isna())
    frame = frame.dropna(subset=["way"])
    if frame["diverged"].all():
        raise NotMeasured("every run diverged, or none was to be frozen")
    return frame[[*KEYS, "diverged", "loss"]].sort_values(KEYS, ignore_index=True)


def draw(frame: pd.DataFrame) -> Figure:
    """Return one panel per data regime and moment: every seed a dot, those of a seed linked; the diverged counted."""
    groups = sorted(frame[~frame["diverged"]].groupby(["regime", "since"]).groups)
    ways = {way: arm for way, arm in WAYS.items() if (frame["way"] == way).any()}
    figure, axes = panels(len(groups), columns=2)
    for place, (regime, since) in zip(axes, groups, strict=True):
        rows = frame[(frame["regime"] == regime) & (frame["since"] == since)]
        paired(place, rows, "way", "loss", ways)
        place.set_xticks(range(len(ways)), list(ways), fontsize=7)
        place.set(
            title=f"{regime} data, from {_share(since)} on",
            xlabel="what stops being learnt",
            ylabel="training loss, nats",
        )
        logarithmic(place)
        diverged(place, [int(rows.loc[rows["way"] == way, "diverged"].sum()) for way in ways])
    return figure


def _share(since: float) -> str:
    return share(since).replace(".0 ", " ")


def describe(frame: pd.DataFrame) -> str:
    """Say the median loss of every way."""
    parts = []
    for (regime, since), rows in frame.groupby(["regime", "since"]):
        told = [
            f"{' '.join(way.split())} {measured(rows.loc[rows['way'] == way, 'loss'].median())}"
            for way in WAYS
            if (rows["way"] == way).any()
        ]
        parts.append(f"{regime} data, from {_share(since)} of the run on: {listed(told)}")
    return (
        "Mean training loss (geometric), nats, from a moment of the run on, by what stops being learnt at it: nothing, "
        "gamma and beta (γ, β), as many random weights; or gamma and beta at once, never learnt; one dot a seed, "
        f"medians over {counted(frame['seed'].nunique(), 'seed')}, learning rate {setting(frame['lr'].iloc[0])}: "
        f"{'; '.join(parts)}."
    )


PLOT = Plot("The freeze test", data, draw, describe, ("freeze", "core"), ("cells", "outcomes", "areas"))
