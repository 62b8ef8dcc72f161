"""Too slow and too fast: updates to a target loss, and the share of updates that raise the loss."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures import select, style
from normshift.figures.marks import lines, logarithmic, rates
from normshift.figures.numbers import measured, setting, share
from normshift.figures.plot import Plot, Tables, legend, panels
from normshift.params import Rules

COLUMNS = ["norm", "lr", "seed", "level", "updates", "increases"]


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return each run's updates to the lowest loss level that any run of every arm reaches, and its share of rises."""
    targets = select.main(select.judged(tables, "targets"))
    reached = targets.groupby(["level", "norm"])["step"].count().unstack("norm")
    levels = reached[(reached > 0).all(axis=1)].index
    if not len(levels):
        raise select.NotMeasured("no loss level is reached by every arm")
    targets = targets[targets["level"] == levels.min()].rename(columns={"step": "updates"})
    frame = targets.merge(tables["outcomes"][["cell", "increases"]], on="cell")
    return select.rows(frame, COLUMNS, ["updates", "increases"], "no loss level was reached")


def draw(frame: pd.DataFrame) -> Figure:
    """Return the updates needed and the share of updates that raise the loss."""
    names = style.arms(frame["norm"])
    figure, (updates, increases) = panels(2, columns=2)
    lines(updates, frame, "lr", "updates", names)
    updates.set(title=f"to a training loss of {setting(frame['level'].iloc[0])} nats", ylabel="updates needed")
    lines(increases, frame, "lr", "increases", names)
    increases.set(title="updates that raise the loss", ylabel="share of updates")
    for place in (updates, increases):
        rates(place, frame["lr"])
    logarithmic(updates)
    legend(figure, names)
    return figure


def describe(frame: pd.DataFrame) -> str:
    """Say at which rate each arm is fastest, and how its share of rises changes from there to the highest rate."""
    parts = []
    for name in style.arms(frame["norm"]):
        medians = frame[frame["norm"] == name].groupby("lr")[["updates", "increases"]].median()
        if medians["updates"].notna().any():
            fastest = medians["updates"].idxmin()
            parts.append(
                f"{style.arm(name).label}: fastest at {setting(fastest)} with "
                f"{measured(medians.loc[fastest, 'updates'])} updates, where "
                f"{share(medians.loc[fastest, 'increases'])} of the updates raise the loss"
            )
    return (
        f"Updates to a training loss of {setting(frame['level'].iloc[0])} nats and share of updates that raise the "
        f"loss, median over the seeds that get there: {'; '.join(parts)}."
    )


PLOT = Plot("Too slow and too fast", data, draw, describe)
