"""Identity A: how far the moments at y are from what gamma and beta set, by the statistics that normalise."""

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from normshift.figures import select, style
from normshift.figures.marks import dots
from normshift.figures.numbers import counted, measured, tick
from normshift.figures.plot import Plot, Tables, legend, panels
from normshift.params import Rules
from normshift.tables import MODES

QUANTITIES = {"mean": "tid_mean", "sd": "tid_sd"}
FLOOR = 1e-9  # where the logarithmic scale becomes linear, so that an exact zero can be drawn


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return each seed's largest distance of the moments at y from beta and |gamma|, over all runs that never diverged.

    In batch mode it is identity A's residual. With the other statistics it is the train/inference discrepancy: the
    part of the moments that gamma and beta do not set.
    """
    outcomes = tables["outcomes"]
    whole = outcomes.loc[outcomes["diverged_step"].isna(), "cell"]
    frame = select.judged(tables, "identities")[lambda rows: rows["cell"].isin(whole)]
    batch = frame["mode"] == "batch"
    values = {name: frame[f"{name}_residual"].where(batch, frame[tid]) for name, tid in QUANTITIES.items()}
    frame = frame.assign(**values).groupby(["norm", "seed", "mode"], as_index=False)[list(values)].max()
    return select.rows(frame, ["norm", "seed", "mode", *values], list(values), "no arm has gamma and beta")


def draw(frame: pd.DataFrame) -> Figure:
    """Return one panel for the mean and one for the sd, every seed as a dot."""
    names = style.arms(frame["norm"])
    figure, axes = panels(len(QUANTITIES), columns=2)
    for place, quantity in zip(axes, QUANTITIES, strict=True):
        dots(place, frame, "mode", quantity, MODES, names)
        place.set(title=f"{quantity} at y", xlabel="statistics that normalise", ylabel="")
        _decades(place)
        place.set_xticks(range(len(MODES)), MODES)
    axes[0].set_ylabel("distance from gamma, beta")
    legend(figure, names)
    return figure


def _decades(axes: Axes) -> None:
    """Make the scale logarithmic down to `FLOOR` and linear from there to zero."""
    axes.set_yscale("symlog", linthresh=FLOOR)
    highest = math.ceil(math.log10(axes.get_ylim()[1]))
    ticks = [0.0, *(10.0**power for power in range(highest, round(math.log10(FLOOR)) - 1, -2))]
    axes.set_yticks(ticks, [tick(value) for value in ticks])
    axes.minorticks_off()
    axes.set_ylim(bottom=-0.3 * FLOOR)


def describe(frame: pd.DataFrame) -> str:
    """Say the largest distance in each mode."""
    largest = frame.groupby("mode")[list(QUANTITIES)].max()
    parts = [
        f"{mode} statistics: at most {measured(largest.loc[mode, 'mean'])} in the mean and "
        f"{measured(largest.loc[mode, 'sd'])} in the sd"
        for mode in MODES
        if mode in largest.index
    ]
    return (
        f"Distance of the moments at y from what gamma and beta set, largest over runs, layers and observations, "
        f"{counted(frame['seed'].nunique(), 'seed')}: {'; '.join(parts)}."
    )


PLOT = Plot("What gamma and beta set at y, and what they do not", data, draw, describe)
