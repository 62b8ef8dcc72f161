"""Santurkar et al. 2018, Figure 2: batch norm followed by noise that makes the inputs of layers unstable."""

import pandas as pd

from normshift.reproductions.run import Found, Run, columns, numbers
from normshift.results import Line

ARMS = ("none", "batch", "noisy", "none_noisy")
CLOSE, WORSE = 2.0, 5.0  # points of accuracy: "within 1 to 2 points", "clearly worse"
SHOWN = "test accuracy in %"


def found(run: Run) -> Found:
    """Return what noise costs with batch norm and without it, in each network, each arm at its best rate (T4)."""
    table = run.tables["cells"].merge(run.tables["outcomes"].query("span == 'all'"), on="cell")
    lines, drawn = [], []
    for model, own in table.groupby("model", sort=False):
        reached = pd.DataFrame({arm: _reached(own.query("norm == @arm")) for arm in ARMS})
        lines += _lines(str(model), 100 * reached)
        drawn.append((100 * reached).round(2).reset_index().assign(model=model))
    return lines, {"accuracy": columns(pd.concat(drawn))}


def _reached(own: pd.DataFrame) -> pd.Series:
    """Return an arm's test accuracy by judged seed, at the rate at which it is highest for the tuning seeds."""
    tuning = own.query("role == 'tuning'").fillna({"test_accuracy_ema": 0.0})
    lr = tuning.groupby("lr")["test_accuracy_ema"].median().idxmax()
    return own[(own["role"] == "judged") & (own["lr"] == lr)].set_index("seed")["test_accuracy_ema"]


def _lines(model: str, reached: pd.DataFrame) -> list[Line]:
    def line(says: str, published: str, values: pd.Series, low: float | None = None, high: float | None = None) -> Line:
        return Line("T4", f"{model}: {says}", published, numbers(values.to_numpy()), low, high)

    cost = reached["batch"] - reached["noisy"]
    return [
        *(line(f"{SHOWN}, {arm}", "", reached[arm]) for arm in ARMS),
        line("noise costs batch norm, points", "next to nothing", cost, -CLOSE, CLOSE),
        line("noisy batch norm ahead of none, points", "ahead", reached["noisy"] - reached["none"], low=0.0),
        line("noise costs none, points", "keeps it from training", reached["none"] - reached["none_noisy"], low=WORSE),
    ]
