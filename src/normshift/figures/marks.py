"""Marks shared by figures: an arm's lines and dots in its style, axes of learning rates, logarithmic axes."""

import math

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator

from normshift.figures import style
from normshift.figures.numbers import MISSING, setting, tick


def lines(axes: Axes, frame: pd.DataFrame, x: str, y: str, names: list[str]) -> None:
    """Draw each arm's median over seeds of ``y`` against ``x``, and a band from the lowest to the highest seed."""
    frame = frame.dropna(subset=[y])
    if frame.empty:
        axes.text(0.5, 0.5, MISSING, transform=axes.transAxes, ha="center", color=style.INK["muted"])
        return
    sns.lineplot(
        frame,
        x=x,
        y=y,
        estimator="median",
        errorbar=("pi", 100),
        err_kws={"alpha": 0.16, "linewidth": 0},
        ax=axes,
        **style.seaborn(names),
    )


def dots(axes: Axes, frame: pd.DataFrame, x: str, y: str, order: tuple[str, ...], names: list[str]) -> None:
    """Draw every seed as a dot: one place for each value of ``x``, the arms side by side in it."""
    for number, name in enumerate(names):
        rows = frame[frame["norm"] == name].sort_values("seed")
        spread = (rows.groupby(x)["seed"].rank(pct=True) - 0.5) * 0.8  # the seeds, from left to right
        places = rows[x].map(order.index).astype(float) + 0.75 * ((number + 0.5 + spread) / len(names) - 0.5)
        axes.scatter(places, rows[y], s=16, color=style.ink(name), marker=style.arm(name).marker, linewidths=0)
    axes.set_xlim(-0.5, len(order) - 0.5)


def rates(axes: Axes, values: pd.Series) -> None:
    """Make the horizontal axis one of learning rates: logarithmic, ticks at those that were run."""
    axes.set_xscale("log")
    ticks = sorted(values.unique())
    axes.set_xticks(ticks, [setting(tick) for tick in ticks])
    axes.minorticks_off()
    axes.tick_params(axis="x", labelsize=7.5)
    axes.set_xlabel("learning rate")
    axes.set_xlim(ticks[0] / 1.3, ticks[-1] * 1.3)


def logarithmic(axes: Axes, direction: str = "y") -> None:
    """Make an axis logarithmic after drawing: few ticks, in plain text (mathematical text is slow to lay out)."""
    axes.set(**{f"{direction}scale": "log"})
    axis, (low, high) = getattr(axes, f"{direction}axis"), getattr(axes, f"get_{direction}lim")()
    decades = math.log10(high / low)
    axis.set_major_locator(LogLocator(subs=(1,) if decades > 3 else (1, 3) if decades > 1.2 else (1, 2, 3, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
    axes.minorticks_off()


def reference(axes: Axes, value: float, words: str) -> None:
    """Draw a horizontal line at a value that has a meaning, and name it."""
    axes.axhline(value, color=style.INK["muted"], linewidth=1, linestyle=(0, (2, 2)))
    axes.annotate(
        words,
        (1, value),
        xycoords=("axes fraction", "data"),
        xytext=(0, 2),
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=7,
        color=style.INK["muted"],
    )
