"""A claim's effects: every seed as a dot, the interval, zero, and the margin fixed before the run."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from normshift.figures import select, style
from normshift.figures.marks import logarithmic
from normshift.figures.numbers import MISSING, counted, effect, factor, interval, is_logarithm, measured, setting
from normshift.figures.plot import Plot, Tables
from normshift.params import Rules

PART = ["claim", "level", "part", "unit", "margin", "definition", "estimate", "lower", "upper"]
WIDTH = 4.2  # inches


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return every seed's effect beside the estimate, interval and margin of its part (`tables["parts"]`)."""
    frame = tables["parts"][PART].merge(tables["effects"], on=["claim", "level", "part"], how="left", sort=False)
    if frame.empty or frame["effect"].isna().all():
        raise select.NotMeasured("no seed has an effect")
    return frame[[*PART, "seed", "effect"]]


def draw(frame: pd.DataFrame) -> Figure:
    """Return one panel for each unit, one row for each level and part."""
    units = list(dict.fromkeys(frame["unit"]))
    heights = [0.34 * len(_rows(frame, unit)) + 0.9 for unit in units]
    figure = Figure(figsize=(WIDTH, sum(heights) + 0.1), layout="constrained")
    axes = figure.subplots(len(units), squeeze=False, height_ratios=heights)[:, 0]
    for place, unit in zip(axes, units, strict=True):
        _panel(place, frame[frame["unit"] == unit], unit)
    return figure


def _rows(frame: pd.DataFrame, unit: str) -> list[tuple[str, str]]:
    return list(dict.fromkeys(zip(*(frame.loc[frame["unit"] == unit, key] for key in ("level", "part")), strict=True)))


def _panel(axes: Axes, frame: pd.DataFrame, unit: str) -> None:
    rows, definition, margin = _rows(frame, unit), bool(frame["definition"].iloc[0]), frame["margin"].iloc[0]
    for row, (level, part) in enumerate(rows):
        own = frame[(frame["level"] == level) & (frame["part"] == part)]
        _row(axes, row, own)
        if definition and (nought := int((own["effect"] == 0).sum())):
            _written(axes, row, f"0 in {counted(nought, 'seed')}")  # beyond the left end of a logarithmic axis
    axes.set_yticks(range(len(rows)), [name(level, part) for level, part in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", left=True)
    axes.axvline(margin, color=style.INK["muted"], linewidth=1, linestyle=(0, (3, 2)))
    if definition:
        logarithmic(axes, "x")
        axes.set_xlabel(f"residual, {unit}\nleft of the dashed margin: the identity holds")
        return
    axes.axvline(0, color=style.INK["text"], linewidth=1)
    axes.axvline(-margin, color=style.INK["muted"], linewidth=1, linestyle=(0, (3, 2)))
    axes.set_xlabel(f"{unit}\nright of the dashed margin: as claimed")
    if is_logarithm(unit):
        _factors(axes)


def _row(axes: Axes, row: int, part: pd.DataFrame) -> None:
    seeds = part.dropna(subset=["effect"]).sort_values("seed")
    offsets = np.linspace(-0.24, 0.24, len(seeds)) if len(seeds) > 1 else np.zeros(len(seeds))
    axes.scatter(seeds["effect"], row + offsets, s=11, color=style.INK["link"], alpha=0.75, linewidths=0)
    if seeds.empty:
        _written(axes, row, MISSING)
    first = part.iloc[0]
    if pd.notna(first["lower"]) and pd.notna(first["upper"]):
        axes.plot(
            [first["lower"], first["upper"]], [row, row], color=style.INK["text"], linewidth=2.2, solid_capstyle="butt"
        )
    if pd.notna(first["estimate"]):
        axes.plot(first["estimate"], row, marker="D", markersize=4.5, color=style.INK["text"])


def _written(axes: Axes, row: int, words: str) -> None:
    """Write at the left end of a row what has no place in it."""
    box = {"facecolor": style.INK["page"], "edgecolor": "none", "pad": 1}
    axes.text(0.02, row, words, transform=axes.get_yaxis_transform(), va="center", color=style.INK["muted"], bbox=box)


def _factors(axes: Axes) -> None:
    """Repeat the axis along the top as factors, where there is room for a tick."""
    axes.autoscale_view()
    low, high = axes.get_xlim()
    top = axes.secondary_xaxis("top")
    candidates = np.log([0.001, 0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 100, 1000])
    ticks, room = [], (high - low) / 9
    for tick in sorted(candidates, key=abs):
        if low <= tick <= high and all(abs(tick - other) >= room for other in ticks):
            ticks.append(float(tick))
    top.set_xticks(ticks, [f"×{setting(np.exp(tick))}" for tick in ticks])
    top.tick_params(labelsize=7, top=True)  # no grid says where these are


def name(level: str, part: str) -> str:
    """Return how a part at a level is called: the level only where the claim has any."""
    return part if level == "all" else f"{level}, {part}"


def describe(frame: pd.DataFrame) -> str:
    """Say each part's estimate, interval, margin and how many seeds lie beyond it."""
    parts = []
    for (level, part), rows in frame.groupby(["level", "part"], sort=False):
        first, effects = rows.iloc[0], rows["effect"].dropna()
        unit, margin = first["unit"], first["margin"]
        if first["definition"]:
            count = f"{int((effects <= margin).sum())} of {counted(len(rows), 'seed')} at or below the margin "
            count += measured(margin)
        else:
            words = factor(margin) if is_logarithm(unit) else measured(margin)
            count = (
                f"{int((effects > margin).sum())} of {counted(len(rows), 'seed')} above the margin {words}, "
                f"{int((effects < -margin).sum())} below its opposite"
            )
        parts.append(
            f"{name(level, part)}: {effect(first['estimate'], unit)}, interval "
            f"{interval((first['lower'], first['upper']), unit)}, {count}"
        )
    return f"Effects of claim {frame['claim'].iloc[0]}, one dot a seed: {'; '.join(parts)}."


PLOT = Plot("Every seed's effect against the margin", data, draw, describe)
