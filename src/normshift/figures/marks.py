"""Marks shared by figures: an arm's lines and dots in its style, axes of learning rates, logarithmic axes."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator
from numpy.typing import NDArray

from normshift.figures import style
from normshift.figures.numbers import MISSING, setting, tick


def lines(
    axes: Axes, frame: pd.DataFrame, x: str, y: str, names: list[str], look: Callable[[str], style.Arm] = style.arm
) -> None:
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
        **style.seaborn(names, look),
    )


def beside(axes: Axes, frame: pd.DataFrame, x: str, y: str, names: list[str]) -> None:
    """Draw every seed of ``y`` as a dot against a logarithmic ``x``, the arms side by side; and medians as lines."""
    for number, name in enumerate(names):
        arm, rows = style.arm(name), frame[frame["norm"] == name].dropna(subset=[y])
        shift = 10 ** (0.2 * ((number + 0.5) / len(names) - 0.5))  # rates lie half a decade apart
        median = rows.groupby(x)[y].median()
        look = {"color": style.ink(name), "linestyle": (0, arm.dash) if arm.dash else "-", "marker": arm.marker}
        axes.scatter(rows[x] * shift, rows[y], s=5, color=style.ink(name), alpha=0.55, linewidths=0)
        axes.plot(median.index * shift, median, linewidth=1.2, markersize=5, markeredgewidth=0, **look)


def every_seed(axes: Axes, frame: pd.DataFrame, x: str, y: str, look: style.Arm) -> None:
    """Draw the median over seeds of ``y`` against ``x``, and faintly the line of every seed: one path for them all."""
    wide = frame.pivot(index=x, columns="seed", values=y)
    colour, dash = style.INK[look.colour], (0, look.dash) if look.dash else "-"
    axes.plot(*_strung(wide.index.to_numpy()[:, None], wide.to_numpy()), color=colour, alpha=0.3, linewidth=0.6)
    shown = max(1, len(wide) // 5)  # a mark here and there tells the lines apart where colours do not
    axes.plot(
        wide.index,
        wide.median(axis=1),
        color=colour,
        linestyle=dash,
        marker=look.marker,
        markersize=4,
        markeredgewidth=0,
        markevery=shown,
    )


def paired(axes: Axes, frame: pd.DataFrame, x: str, y: str, arms: Mapping[str, str]) -> None:
    """Draw every seed as a dot at each value of ``x``, in the style of its arm, and a faint line through a seed's own.

    ``arms`` names the values of ``x`` in their order, and the arm that each is drawn as. What is missing has no dot.
    """
    wide = frame.pivot(index=x, columns="seed", values=y).reindex(list(arms))
    spread = np.linspace(-0.25, 0.25, wide.shape[1]) if wide.shape[1] > 1 else np.zeros(1)
    places = np.arange(len(arms))[:, None] + spread
    axes.plot(*_strung(places, wide.to_numpy()), color=style.INK["muted"], alpha=0.35, linewidth=0.6)
    for row, name in enumerate(arms.values()):
        look = style.arm(name)
        axes.scatter(places[row], wide.iloc[row], s=16, color=style.INK[look.colour], marker=look.marker, linewidths=0)
    axes.set_xlim(-0.5, len(arms) - 0.5)


def _strung(x: NDArray, y: NDArray) -> NDArray[np.float64]:
    """Return lines, one a column, as a single one that breaks between them: (point, line) -> (2, place)."""
    both = np.stack(np.broadcast_arrays(x, y)).astype(float)
    return np.pad(both, ((0, 0), (0, 1), (0, 0)), constant_values=np.nan).swapaxes(1, 2).reshape(2, -1)


def diverged(axes: Axes, lost: Sequence[int]) -> None:
    """Write how many runs diverged at each place, above the dots: these have no value that could be drawn."""
    if any(lost):
        low, high = axes.get_ylim()
        axes.set_ylim(low, high * (high / low) ** 0.12)
    for number, count in enumerate(lost):
        if count:
            axes.annotate(
                f"†{count}",
                (number, 0.97),
                xycoords=("data", "axes fraction"),
                ha="center",
                va="top",
                fontsize=7,
                color=style.INK["muted"],
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
    subs = (1,) if decades > 3 else (1, 3) if decades > 1.2 else (1, 2, 3, 5)
    axis.set_major_locator(LogLocator(subs=subs) if decades > 0.5 else MaxNLocator(4))
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
