"""Too slow and too fast: updates to a target loss, and how often beta turns back or the loss rises."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures import select, style
from normshift.figures.marks import lines, logarithmic, rates
from normshift.figures.numbers import measured, setting, share
from normshift.figures.plot import Plot, Tables, legend, panels
from normshift.params import Rules

VALUES = ["updates", "increases", "turns"]
COLUMNS = ["norm", "lr", "seed", "level", *VALUES]


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return each run's updates to the lowest loss level that any run of every arm reaches, its rises and beta's turns.

    Beta turns back where its step has the other sign than the one before; mean over the layers, whole run.
    """
    targets = select.main(select.judged(tables, "targets"))
    reached = targets.groupby(["level", "norm"])["step"].count().unstack("norm")
    levels = reached[(reached > 0).all(axis=1)].index
    if not len(levels):
        raise select.NotMeasured("no loss level is reached by every arm")
    targets = targets[targets["level"] == levels.min()].rename(columns={"step": "updates"})
    motion = tables["motion"][(tables["motion"]["parameter"] == "beta") & (tables["motion"]["window"] == "all")]
    turns = motion.groupby("cell")["sign_changes"].mean().rename("turns")
    frame = targets.merge(tables["outcomes"][["cell", "increases"]], on="cell").merge(turns, on="cell", how="left")
    return select.rows(frame, COLUMNS, VALUES, "no loss level was reached")


def draw(frame: pd.DataFrame) -> Figure:
    """Return the updates needed, the share of beta's steps that turn back, and of updates that raise the loss."""
    names = style.arms(frame["norm"])
    figure, (updates, turns, increases) = panels(3, columns=3)
    lines(updates, frame, "lr", "updates", names)
    updates.set(title=f"to a training loss of {setting(frame['level'].iloc[0])} nats", ylabel="updates needed")
    lines(increases, frame, "lr", "increases", names)
    increases.set(title="updates that raise the loss", ylabel="share of updates")
    lines(turns, frame, "lr", "turns", names)
    turns.set(title="steps of beta that turn back", ylabel="share of steps")
    for place in (updates, turns, increases):
        rates(place, frame["lr"])
    logarithmic(updates)
    legend(figure, names)
    return figure


def describe(frame: pd.DataFrame) -> str:
    """Say at which rate each arm is fastest, and how its share of rises changes from there to the highest rate."""
    parts = []
    for name in style.arms(frame["norm"]):
        medians = frame[frame["norm"] == name].groupby("lr")[VALUES].median()
        if medians["updates"].notna().any():
            fastest = medians["updates"].idxmin()
            parts.append(
                f"{style.arm(name).label}: fastest at {setting(fastest)} with "
                f"{measured(medians.loc[fastest, 'updates'])} updates, where "
                f"{share(medians.loc[fastest, 'increases'])} of the updates raise the loss"
            )
            if medians["turns"].notna().any():
                highest = medians["turns"].last_valid_index()
                parts[-1] += (
                    f" and {share(medians.loc[fastest, 'turns'])} of beta's steps turn back, "
                    f"{share(medians.loc[highest, 'turns'])} at {setting(highest)}"
                )
    return (
        f"Updates to a training loss of {setting(frame['level'].iloc[0])} nats and shares of updates that raise the "
        f"loss and of beta's steps that turn back, median over the seeds that get there: {'; '.join(parts)}."
    )


PLOT = Plot("Too slow and too fast", data, draw, describe)
