"""The training loss."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures.numbers import measured
from normshift.figures.plot import Plot, Tables, panels
from normshift.figures.recorded import marks, select
from normshift.params import Rules

COLUMNS = ["run", "step", "training_loss"]


def data(tables: Tables, rules: Rules | None = None) -> pd.DataFrame:
    """Return the mean loss of the batches between two looks."""
    reason = "no loss was told: recorder.step(loss=loss)"
    return select.rows(tables["losses"], COLUMNS, ["training_loss"], reason)


def draw(frame: pd.DataFrame) -> Figure:
    """Return the loss through training."""
    looks = select.looks(frame)
    figure, (axes,) = panels(1, columns=1)
    marks.curves(axes, frame, "training_loss", looks)
    axes.set(xlabel="updates made", ylabel="training loss")
    marks.told(figure, looks)
    return figure


def describe(frame: pd.DataFrame) -> str:
    """Say the first and the last loss of each run."""
    parts = []
    for run, own in frame.groupby("run"):
        first, last = own.sort_values("step")["training_loss"].iloc[[0, -1]]
        parts.append(f"{run}: from {measured(first)} to {measured(last)}")
    return (
        f"Mean training loss of the batches between two looks. {'; '.join(parts)}. What does not learn does not drift."
    )


PLOT = Plot("The loss meanwhile", data, draw, describe)
