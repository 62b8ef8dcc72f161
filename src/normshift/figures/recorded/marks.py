"""Marks of recorded runs: a curve for each run, a legend if there are several."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from normshift.figures import style
from normshift.figures.numbers import measured
from normshift.figures.plot import legend


def curves(axes: Axes, frame: pd.DataFrame, y: str, looks: dict[str, style.Arm], x: str = "step") -> None:
    """Draw ``y`` against ``x`` for each run, dots where it was seen."""
    for name, look in looks.items():
        own = frame[frame["run"] == name].dropna(subset=[y])
        dash = (0, look.dash) if look.dash else "-"
        ink = style.INK[look.colour]
        axes.plot(own[x], own[y], color=ink, linestyle=dash, marker=look.marker, markersize=3, linewidth=1.2)


def told(figure: Figure, looks: dict[str, style.Arm]) -> None:
    """Name the runs, if there are several."""
    if len(looks) > 1:
        legend(figure, list(looks), looks.get, room=2.4)


def ends(frame: pd.DataFrame, y: str) -> str:
    """Say the first and the last of each run's values, layer by layer."""
    parts = []
    for (run, layer), own in frame.dropna(subset=[y]).sort_values("step").groupby(["run", "layer"]):
        first, last = own[y].iloc[[0, -1]]
        parts.append(f"{run}, layer {layer}: from {measured(first)} to {measured(last)}")
    return "; ".join(parts) or "none"
