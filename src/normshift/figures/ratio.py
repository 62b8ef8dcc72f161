"""Noise against drift: the drift-to-noise ratio R(k) over one update, ten, and an epoch (decomposition C)."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures import select, style
from normshift.figures.marks import lines, logarithmic, reference
from normshift.figures.numbers import counted, measured, setting
from normshift.figures.plot import Plot, Tables, legend, panels
from normshift.params import Rules

HORIZONS = {"ratio_step": "over one update", "ratio_ten": "over ten updates", "ratio_epoch": "over an epoch"}
SITE = "u"  # at y batch norm's noise is zero by construction and the ratio has no meaning


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return each seed's ratio before the normaliser in the last layer, one row a horizon."""
    frame = select.last_layer(select.at_showcase(tables, "noise"))
    keys = ["norm", "lr", "seed", "site", "layer", "step"]
    frame = frame[frame["site"] == SITE].melt(keys, list(HORIZONS), "horizon", "ratio")
    frame["horizon"] = frame["horizon"].map(HORIZONS)
    columns = ["horizon", *keys, "ratio"]
    return select.rows(frame, columns, ["ratio"], f"no noise between batches was measured at site {SITE}")


def draw(frame: pd.DataFrame) -> Figure:
    """Return one panel a horizon; below the line the drift is smaller than one mini-batch's noise."""
    names = style.arms(frame["norm"])
    figure, axes = panels(len(HORIZONS), columns=3, share=True)
    for place, horizon in zip(axes, HORIZONS.values(), strict=True):
        lines(place, frame[(frame["horizon"] == horizon) & (frame["ratio"] > 0)], "step", "ratio", names)
        place.set(title=f"drift {horizon}", xlabel="updates made", ylabel="")
        reference(place, 1, "drift equals noise")
    for place in axes:
        logarithmic(place)
        place.set_ylabel("drift / noise at u")
    legend(figure, names)
    return figure


def describe(frame: pd.DataFrame) -> str:
    """Say each arm's median ratio at every horizon."""
    medians = frame.groupby(["norm", "horizon"])["ratio"].median()
    parts = [
        f"{style.arm(name).label}: "
        + ", ".join(
            f"{measured(medians[name, words])} {words}" for words in HORIZONS.values() if (name, words) in medians
        )
        for name in style.arms(frame["norm"])
    ]
    return (
        f"Drift of the mean divided by one mini-batch's noise at site {SITE}, last layer, median over "
        f"{counted(frame['seed'].nunique(), 'seed')} and all observations at learning rate "
        f"{setting(frame['lr'].iloc[0])}: "
        f"{'; '.join(parts)}."
    )


PLOT = Plot("Drift against the noise of one mini-batch", data, draw, describe)
