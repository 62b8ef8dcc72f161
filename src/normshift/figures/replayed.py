"""Batch norm that is made to move: it is given the excursions of the moments of the same network without it."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures import select, style
from normshift.figures.marks import dots, logarithmic
from normshift.figures.numbers import counted, listed, measured, setting
from normshift.figures.plot import Plot, Tables, panels
from normshift.params import Rules

LR = 0.3
ARMS = {
    "none": "without",
    "batch": "batch norm",
    "yoked_0": "not\nat all",
    "yoked_1": "as they\nwere",
    "yoked_3": "3 times",
    "yoked_shuffled_3": "3 times,\nother order",
    "yoked_mean_3": "3 times,\nmean",
    "yoked_scale_3": "3 times,\nscale",
}


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return each seed's final training loss by arm, in regime fresh at the rate of the study."""
    frame = select.shuffled(select.judged(tables, "outcomes"))
    frame = frame[frame["norm"].isin(list(ARMS)) & (frame["lr"] == LR) & (frame["regime"] == "fresh")]
    columns = ["norm", "lr", "seed", "diverged_step", "final_loss"]
    return select.rows(frame, columns, ["diverged_step", "final_loss"], "no arm was trained at rate .3 in regime fresh")


def draw(frame: pd.DataFrame) -> Figure:
    """Return every seed as a dot, a place for each arm; what diverged has no dot."""
    arms = tuple(arm for arm in ARMS if (frame["norm"] == arm).any())
    figure, (axes,) = panels(1, columns=1)
    figure.set_figwidth(5.2)
    kept = frame.dropna(subset=["final_loss"])
    drawn = kept.assign(arm=kept["norm"], norm=kept["norm"].where(kept["norm"] == "none", "batch"))
    dots(axes, drawn, "arm", "final_loss", arms, style.arms(drawn["norm"]))
    axes.set_xticks(range(len(arms)), [ARMS[arm] for arm in arms], fontsize=6.5)
    axes.set(xlabel="excursions replayed", ylabel="final loss, nats")
    logarithmic(axes)
    return figure


def describe(frame: pd.DataFrame) -> str:
    """Say the median final loss of every arm."""
    told = []
    for arm in (arm for arm in ARMS if (frame["norm"] == arm).any()):
        rows = frame[frame["norm"] == arm]
        lost = int(rows["diverged_step"].notna().sum())
        left = measured(rows["final_loss"].median()) if lost < len(rows) else "none left"
        told.append(" ".join(ARMS[arm].split()) + f" {left}" + (f" ({counted(lost, 'run')} diverged)" if lost else ""))
    return (
        "Final training loss of batch norm whose output is moved, step by step, as the moments of the same network "
        "without batch norm moved about their mean over time: not at all, as they were, or three times as far; in "
        "another order of steps, their means alone, their scales alone. Fresh data, learning rate "
        f"{setting(frame['lr'].iloc[0])}, medians over "
        f"{counted(frame['seed'].nunique(), 'seed')}: {listed(told)}."
    )


PLOT = Plot("Batch norm made to move", data, draw, describe, ("mechanism", "core"))
