"""The learning-rate ladder: how low the loss gets, and how many seeds learn or diverge, at every learning rate."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from normshift.figures import select, style
from normshift.figures.marks import lines, logarithmic, rates
from normshift.figures.numbers import counted, listed, measured, setting
from normshift.figures.plot import Plot, Tables, legend, panels
from normshift.params import Rules

COLUMNS = ["regime", "norm", "lr", "seed", "learned", "diverged", "final_loss"]


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return each judged run's final loss, whether it learned and whether it diverged, both data regimes."""
    frame = select.shuffled(select.judged(tables, "outcomes"))
    frame = frame.assign(diverged=frame["diverged_step"].notna())
    return select.rows(frame, COLUMNS, ["learned", "diverged", "final_loss"], "no judged run has reshuffled data")


def draw(frame: pd.DataFrame) -> Figure:
    """Return, for each data regime, the final loss with divergence marked, and the share of seeds that learn."""
    names, regimes = style.arms(frame["norm"]), sorted(frame["regime"].unique())
    figure, axes = panels(2 * len(regimes), columns=len(regimes))
    order = [axes[place] for number in range(len(regimes)) for place in (number, number + len(regimes))]
    for number, regime in enumerate(regimes):
        rows = frame[frame["regime"] == regime]
        loss, learned = order[2 * number : 2 * number + 2]
        lines(loss, rows[~rows["diverged"]], "lr", "final_loss", names)
        loss.set(title=f"{regime} data", ylabel="final loss, nats")
        logarithmic(loss)
        _mark_divergence(loss, rows, names)
        shares = rows.groupby(["norm", "lr"], as_index=False)["learned"].mean()
        lines(learned, shares, "lr", "learned", names)
        learned.set(title=f"{regime} data", ylabel="seeds that learn", ylim=(-0.04, 1.04))
        for place in (loss, learned):
            rates(place, rows["lr"])
    legend(figure, names)
    return figure


def _mark_divergence(axes: Axes, rows: pd.DataFrame, names: list[str]) -> None:
    """Write, along the top, how many of the seeds diverged."""
    shares = rows.groupby(["norm", "lr"])["diverged"].mean()
    for row, name in enumerate(names):
        for lr in rows["lr"].unique():
            if shares.get((name, lr), 0) > 0:
                axes.plot(
                    lr,
                    1.04 + 0.05 * row,
                    marker="x",
                    color=style.ink(name),
                    alpha=0.35 + 0.65 * shares[name, lr],
                    markersize=5,
                    transform=axes.get_xaxis_transform(),
                    clip_on=False,
                )


def ranges(holds: pd.Series, onwards: bool = False) -> str:
    """Return the unbroken ranges of rates, lowest first, at which something holds: from 0.03 to 0.3 and at 3.

    With ``onwards`` a range up to the highest rate that was run is open: from 10 on.
    """
    groups = (~holds).cumsum()[holds]
    words = []
    for _, run in groups.groupby(groups):
        low, high = setting(run.index[0]), setting(run.index[-1])
        if onwards and run.index[-1] == holds.index[-1] and len(holds) > 1:
            words.append(f"from {low} on")
        else:
            words.append(f"at {low}" if low == high else f"from {low} to {high}")
    return listed(words)


def describe(frame: pd.DataFrame) -> str:
    """Say at which rates every seed of an arm learns, and from which on any diverges."""
    parts = []
    for (regime, name), rows in frame.groupby(["regime", "norm"]):
        every = rows.groupby("lr")["learned"].all()
        broken = rows.groupby("lr")["diverged"].any()
        words = f"every seed learns {ranges(every)}" if every.any() else "no rate suits all"
        lost = f"some diverge {ranges(broken, onwards=True)}" if broken.any() else "none diverges"
        lowest = rows.groupby("lr")["final_loss"].median()
        best = f"the lowest median loss is {measured(lowest.min())}"
        parts.append(f"{style.arm(name).label}, {regime} data: {words}, {lost}, {best}")
    return (
        f"Final training loss and share of seeds that learn against the learning rate, "
        f"{counted(frame['seed'].nunique(), 'seed')}; "
        f"crosses at the top mark rates at which runs diverge: {'; '.join(parts)}."
    )


PLOT = Plot("The learning-rate ladder", data, draw, describe)
