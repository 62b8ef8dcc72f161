"""Order against learning rate: how much gamma and beta fluctuate about their trend, a cell for each pair."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from normshift.figures import select, style
from normshift.figures.numbers import absent, counted, factor, listed, measured, setting
from normshift.figures.plot import Plot, Tables, panels
from normshift.params import Rules

WINDOW = "early"  # as claim C18: the late one is memorised where data are clean
PARAMETERS = ("beta", "gamma")
KEYS = ["parameter", "order", "lr", "seed", "learned", "heterogeneity"]
SIZE = (3.6, 2.6)  # inches of a panel: a cell has room for its number
SHADES = np.linspace(0.06, 0.56, 6)  # the number stays legible on the darkest
THOUSAND = 1000


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return each seed's sd of gamma and beta about a line (median over layers), by order and rate, arm batch, clean.

    `heterogeneity` is the order's, relative to random batches, median over seeds: by it orders are arranged.
    """
    frame = select.judged(tables, "motion")
    frame = frame[(frame["norm"] == "batch") & (frame["regime"] == "clean") & (frame["window"] == WINDOW)]
    frame = frame[frame["parameter"].isin(PARAMETERS)].merge(tables["outcomes"][["cell", "learned"]], on="cell")
    batches = tables["heterogeneity"]
    batches = batches[batches["quantity"] == "label_share"]
    ratio = (batches["measured"] / batches["expected"]).groupby(batches["order"]).median()
    frame = frame.assign(heterogeneity=frame["order"].map(ratio).fillna(np.inf))
    keys = [key for key in KEYS if key != "fluctuation"]
    frame = select.by_seed(frame, keys, ["fluctuation"])
    return select.rows(frame, [*keys, "fluctuation"], ["learned", "fluctuation"], "gamma and beta did not move")


def draw(frame: pd.DataFrame) -> Figure:
    """Return one map a parameter: the median over seeds, in thousandths; darker is more, † where a seed fails."""
    parameters = [name for name in PARAMETERS if (frame["parameter"] == name).any()]
    figure, axes = panels(len(parameters), columns=2, height=SIZE[1])
    figure.set_figwidth(SIZE[0] * len(parameters))
    for place, parameter in zip(axes, parameters, strict=True):
        _map(place, frame[frame["parameter"] == parameter], frame["fluctuation"])
        place.set(
            title=f"sd of {parameter} × {THOUSAND} (†: not every seed learns)", xlabel="learning rate (blank: not run)"
        )
    return figure


def _orders(frame: pd.DataFrame) -> list[str]:
    """Return the orders, those of the most alike batches first."""
    return list(frame.sort_values(["heterogeneity", "order"])["order"].unique())


def _map(axes: Axes, rows: pd.DataFrame, every: pd.Series) -> None:
    orders, rates = _orders(rows), sorted(rows["lr"].unique())
    low, high = np.log(every[every > 0].min()), np.log(every.max())
    for (order, lr), cell in rows.groupby(["order", "lr"]):
        value, x, y = cell["fluctuation"].median(), rates.index(lr), orders.index(order)
        if not absent(value):
            shade = (np.log(value) - low) / (high - low) if high > low and value > 0 else 0
            alpha = SHADES[round(shade * (len(SHADES) - 1))]
            axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, color=style.INK["batch"], alpha=alpha, linewidth=0))
        words = ("" if absent(value) else measured(THOUSAND * value, 2)) + ("" if cell["learned"].all() else "†")
        axes.text(x, y, words, ha="center", va="center", fontsize=6.5)
    axes.set_xticks(range(len(rates)), [setting(lr) for lr in rates])
    axes.set_yticks(range(len(orders)), orders)
    axes.set(xlim=(-0.5, len(rates) - 0.5), ylim=(len(orders) - 0.5, -0.5))
    axes.grid(visible=False)


def describe(frame: pd.DataFrame) -> str:
    """Say by what factors rate and order change the fluctuation, and how far seeds differ."""
    parts = []
    for parameter, rows in frame.groupby("parameter"):
        logs, seeds = _sound(rows)
        parts.append(
            f"{parameter}: between the rates of an order up to {_span(logs.T)}, between the orders of a rate up to "
            f"{_span(logs)}, between the seeds of a cell {seeds} in the middle"
        )
    rates = [setting(lr) for lr in _sound(frame[frame["parameter"] == frame["parameter"].iloc[0]])[0]]
    failed = ~frame.groupby(["order", "lr"])["learned"].all()
    lost = [f"{order} at {setting(lr)}" for order, lr in failed[failed].index]
    return (
        f"Standard deviation of gamma and beta about a straight line through the {WINDOW} window, batch norm on clean "
        f"data, median over layers and {counted(frame['seed'].nunique(), 'seed')}, by learning rate and order of the "
        f"samples, from the most alike batches to the least: {listed(_orders(frame))}. At the "
        f"rates that all these orders share ({listed(rates) or 'none'}), of orders with which every seed learns: "
        f"{'; '.join(parts)}. Not every seed learns: {listed(lost) or 'nowhere'}."
    )


def _sound(rows: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return ln of the medians of the cells in which every seed learns, at rates all orders share; how seeds differ."""
    rates = rows.groupby("lr")["order"].nunique()
    rows = rows[rows["lr"].map(rates) == rates.max()]
    rows = rows[rows.groupby(["order", "lr"])["learned"].transform("all") & (rows["fluctuation"] > 0)]
    cells = rows.groupby(["order", "lr"])["fluctuation"]
    spread = np.log(cells.max() / cells.min()).median()
    return np.log(cells.median()).unstack("lr"), factor(float(spread))


def _span(logs: pd.DataFrame) -> str:
    """Return the largest factor within a column of logarithms."""
    spans = (logs.max() - logs.min()).where(logs.count() > 1)
    return factor(float(spans.max()) if spans.notna().any() else None)


READS = ("cells", "outcomes", "motion", "heterogeneity")
PLOT = Plot("Fluctuation by order and learning rate", data, draw, describe, ("order", "core"), READS)
