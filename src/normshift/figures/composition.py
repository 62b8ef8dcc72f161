"""What updates do to the held-out loss if only some parameters move: lower layers, gamma and beta, upper layers."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures import select, style
from normshift.figures.marks import dots, reference
from normshift.figures.numbers import counted, measured, setting
from normshift.figures.plot import Plot, Tables, legend, panels
from normshift.params import Rules

LAGS = {"step": "one update", "ten": "ten updates", "epoch": "an epoch"}
# Column of table composition -> which parameters move: of `interference` what only moving all adds.
MOVED = {
    "total": "all",
    "lower": "lower",
    "affine": "gamma\nand beta",
    "upper": "upper",
    "interference": "only\ntogether",
}


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return each seed's change of the held-out loss, nats, by arm, number of updates and parameters moved."""
    frame = select.at_showcase(tables, "composition")
    keys = ["norm", "lr", "seed", "lag"]
    long = frame.melt(keys, list(MOVED), var_name="moved", value_name="change")
    return select.rows(long, [*keys, "moved", "change"], ["change"], "no update was taken apart")


def draw(frame: pd.DataFrame) -> Figure:
    """Return every seed as a dot, by what moved and arm, a panel for each number of updates."""
    names = style.arms(frame["norm"])
    lags = [lag for lag in LAGS if (frame["lag"] == lag).any()]
    figure, axes = panels(len(lags), columns=3)
    for place, lag in zip(axes, lags, strict=True):
        dots(place, frame[frame["lag"] == lag], "moved", "change", tuple(MOVED), names)
        place.set(title=LAGS[lag], xlabel="parameters moved", ylabel="change of the loss, nats")
        place.set_xticks(range(len(MOVED)), list(MOVED.values()), fontsize=7)
        reference(place, 0, "")
    legend(figure, names)
    return figure


def describe(frame: pd.DataFrame) -> str:
    """Say each arm's median changes."""
    parts = [
        f"{words} with {style.arm(name).label}: {_changes(rows)}"
        for lag, words in LAGS.items()
        for name in style.arms(frame["norm"])
        if len(rows := frame[(frame["lag"] == lag) & (frame["norm"] == name)])
    ]
    return (
        "Change of the held-out loss, nats, if all parameters move as they did, or only those of lower layers, gamma "
        "and beta of the middle layer, or what lies above; and what only moving them together adds. Learning rate "
        f"{setting(frame['lr'].iloc[0])}, early in training, medians over "
        f"{counted(frame['seed'].nunique(), 'seed')}: {'; '.join(parts)}."
    )


def _changes(rows: pd.DataFrame) -> str:
    medians = rows.groupby("moved")["change"].median()
    return ", ".join(f"{' '.join(MOVED[key].split())} {measured(medians[key])}" for key in MOVED if key in medians)


PLOT = Plot("What moves the held-out loss", data, draw, describe)
