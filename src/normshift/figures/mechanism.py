"""Batch norm taken apart: what steadies the moments forward, and what sends the gradient through the statistics."""

import pandas as pd
from matplotlib.figure import Figure

from normshift.figures import select
from normshift.figures.marks import diverged, dots, logarithmic
from normshift.figures.numbers import counted, listed, measured, setting
from normshift.figures.plot import Plot, Tables, legend, panels
from normshift.params import Rules

# Forward, backward; each with gamma and beta learnt ("batch" is steady and full), and as they start.
WAYS = {
    "none": "none",
    "free_detached": "free\ndetached",
    "free_full": "free\nfull",
    "steady_detached": "steady\ndetached",
    "batch": "steady\nfull",
}
FROZEN = {"frozen": "batch"} | {f"{way}_frozen": way for way in WAYS if "_" in way}
RATES = (0.1, 0.3, 1.0)
REGIMES = ("clean", "fresh")


def data(tables: Tables, rules: Rules) -> pd.DataFrame:
    """Return each seed's final training loss by way, affine map (drawn as batch or frozen), rate and regime."""
    frame = select.shuffled(select.judged(tables, "outcomes"))
    frame = frame[frame["norm"].isin([*WAYS, *FROZEN]) & frame["lr"].isin(RATES)]
    way = frame["norm"].replace(FROZEN)
    affine = frame["norm"].where(frame["norm"] == "none", "batch").mask(frame["norm"].isin(FROZEN), "frozen")
    frame = frame.assign(way=way, norm=affine)
    columns = ["regime", "lr", "way", "norm", "seed", "diverged_step", "final_loss"]
    return select.rows(frame, columns, ["diverged_step", "final_loss"], "no arm was trained at rate .1, .3 or 1")


def draw(frame: pd.DataFrame) -> Figure:
    """Return every seed as a dot, by way, a panel for each regime and rate; what diverged is counted at the top."""
    names = [name for name in ("none", "batch", "frozen") if (frame["norm"] == name).any()]
    ways = tuple(way for way in WAYS if (frame["way"] == way).any())
    rows = [(regime, lr) for regime in REGIMES for lr in RATES if _at(frame, regime, lr)["final_loss"].notna().any()]
    figure, axes = panels(len(rows), columns=3)
    for place, (regime, lr) in zip(axes, rows, strict=True):
        dots(place, _at(frame, regime, lr).dropna(subset=["final_loss"]), "way", "final_loss", ways, names)
        place.set(
            title=f"{regime} data, rate {setting(lr)}",
            xlabel="forward, backward (†: diverged)",
            ylabel="final loss, nats",
        )
        place.set_xticks(range(len(ways)), [WAYS[way] for way in ways], fontsize=6.5)
        logarithmic(place)
        lost = _at(frame, regime, lr).groupby("way")["diverged_step"].count()
        diverged(place, [int(lost.get(way, 0)) for way in ways])
    legend(figure, names)
    return figure


def _at(frame: pd.DataFrame, regime: str, lr: float) -> pd.DataFrame:
    return frame[(frame["regime"] == regime) & (frame["lr"] == lr)]


def describe(frame: pd.DataFrame) -> str:
    """Say the median final loss of every way with gamma and beta learnt, and how many runs diverged."""
    learnt = frame[frame["norm"] != "frozen"]
    parts = []
    for (regime, lr), rows in learnt.groupby(["regime", "lr"]):
        told = [_told(way, rows[rows["way"] == way]) for way in WAYS if (rows["way"] == way).any()]
        parts.append(f"{regime} data, rate {setting(float(lr))}: {listed(told)}")
    return (
        "Final training loss where forward the moments are left free or made steady, and backward the gradient takes "
        "them as constants (detached) or goes through them (full); steady and full is batch norm. A free layer has "
        "x = u; 1/sigma is applied on its way back, as on every other. Medians, gamma and beta learnt, over "
        f"{counted(frame['seed'].nunique(), 'seed')}. {'; '.join(parts)}."
    )


def _told(way: str, rows: pd.DataFrame) -> str:
    lost = int(rows["diverged_step"].notna().sum())
    name = WAYS[way].replace("\n", " and ")
    if lost == len(rows):
        return f"{name} diverges"
    return f"{name} {measured(rows['final_loss'].median())}" + (f" ({counted(lost, 'run')} diverged)" if lost else "")


PLOT = Plot("Batch norm taken apart", data, draw, describe, ("mechanism", "core"))
