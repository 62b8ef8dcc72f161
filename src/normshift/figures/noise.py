"""Noise of the batch mean between mini-batches at fixed weights, at the four sites."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures import select, style
from normshift.figures.marks import dots
from normshift.figures.numbers import counted, measured, setting
from normshift.figures.plot import Plot, Tables, legend, panels
from normshift.params import Rules
from normshift.tables import SITES

MEANING = {"u": "u, before", "x": "x, normalised", "y": "y, after", "a": "a, next input"}


WIDTH = 4.2  # inches


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return each seed's noise of the mean in the last layer, median over the full observations after step 0."""
    frame = select.last_layer(select.at_showcase(tables, "noise"))[lambda rows: rows["step"] > 0]
    frame = select.by_seed(frame, ["norm", "lr", "seed", "site"], ["mean_noise"]).assign(yardstick=rules.noise)
    columns = ["norm", "lr", "seed", "site", "yardstick", "mean_noise"]
    return select.rows(frame, columns, ["mean_noise"], "no noise between batches was measured")


def draw(frame: pd.DataFrame) -> Figure:
    """Return every seed as a dot, by site and arm."""
    names = style.arms(frame["norm"])
    figure, (axes,) = panels(1, columns=1)
    figure.set_figwidth(WIDTH)
    dots(axes, frame, "site", "mean_noise", SITES, names)
    axes.set(xlabel="site", ylabel="sd of batch mean, sigma")
    axes.set_xticks(range(len(SITES)), [MEANING[site] for site in SITES])
    axes.axhline(frame["yardstick"].iloc[0], color=style.INK["muted"], linewidth=1, linestyle=(0, (2, 2)))
    axes.set_title("dashed: one random mini-batch")
    legend(figure, names)
    return figure


def describe(frame: pd.DataFrame) -> str:
    """Say each arm's median noise at every site."""
    medians = frame.groupby(["norm", "site"])["mean_noise"].median()
    parts = [
        f"{style.arm(name).label}: "
        + ", ".join(f"{measured(medians[name, site])} at {site}" for site in SITES if (name, site) in medians.index)
        for name in style.arms(frame["norm"])
    ]
    return (
        f"Standard deviation of the batch mean between mini-batches at fixed weights, in sigma, median over "
        f"{counted(frame['seed'].nunique(), 'seed')} at learning rate {setting(frame['lr'].iloc[0])}: "
        f"{'; '.join(parts)}."
    )


STUDIES = ("core", "noise", "order")  # the second has the noisy arms, the third layer norm
PLOT = Plot(
    "Noise between mini-batches at fixed weights", data, draw, describe, STUDIES, ("cells", "outcomes", "noise")
)
