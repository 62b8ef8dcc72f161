"""Ioffe & Szegedy 2015, Figure 1: test accuracy (a), and bands of the inputs of a sigmoid without (b) and with (c).

The paper does not print its learning rate. It is read off the curve without batch norm, on the tuning seeds: that curve
and no other. What batch norm then does at this rate is predicted.
"""

import json
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit

from normshift.records import STOPS
from normshift.reproductions.lines import columns, told
from normshift.reproductions.run import Found, Run, Tables
from normshift.results import Line

ARMS = {"none": "without", "batch": "with"}
BAND = ("q15", "q50", "q85")
SHADED = {"low": "min", "middle": "median", "high": "max"}
TARGET = 0.9  # accuracy until which updates are counted
CHECKED = (5_000, 10_000, 20_000, 30_000, 40_000)  # updates at which accuracies are printed


def found(run: Run) -> Found:
    """Return the lines of T1 and T2, and the curves and bands."""
    published = json.loads(files("normshift.reproductions").joinpath("ioffe_figure_1.json").read_text("utf-8"))
    curves = _accuracies(run.tables, "test_curves").query("mode == 'ema'")
    curve = np.array(published["accuracy"]["without"])
    lr = fitted(curves.query("role == 'tuning' and norm == 'none'"), curve)
    judged = curves.query("role == 'judged' and lr == @lr")
    accuracy = {arm: wide(judged.query("norm == @arm"), "accuracy") for arm in ARMS}
    bands = _accuracies(run.tables, "unit_bands").query("role == 'judged' and lr == @lr")
    lines = [
        _rate(run, lr),
        *_ordering(accuracy, published),
        *_checkpoints(accuracy, published),
        *_bands(bands, published),
    ]
    return lines, _tables(accuracy, bands, published)


def _accuracies(tables: Any, name: str) -> pd.DataFrame:
    return tables[name].merge(tables["cells"][["cell", "norm", "lr", "role", "seed"]], on="cell")


def fitted(curves: pd.DataFrame, published: NDArray) -> float:
    """Return the learning rate whose accuracy (mean over seeds) is nearest to a curve (update, accuracy).

    Nearest by root mean square of the difference of log odds, at the updates at which the curve was read.
    """
    wide = curves.pivot(index=["lr", "step"], columns="seed", values="accuracy")
    means = wide.mean(axis=1, skipna=False).unstack("lr").dropna(axis=1)  # a rate at which a seed diverged is none
    at = {lr: np.interp(published[:, 0], means.index, means[lr]) for lr in means}
    return min(at, key=lambda lr: np.mean((logit(at[lr]) - logit(published[:, 1])) ** 2))


def wide(table: pd.DataFrame, value: str) -> pd.DataFrame:
    """Return a column with a row for each update and a column for each seed."""
    return table.pivot(index="step", columns="seed", values=value)


def crossing(steps: NDArray, accuracy: NDArray, level: float = TARGET) -> float | None:
    """Return after how many updates a curve first reaches a level, straight lines between its points; None: never."""
    above = np.flatnonzero(accuracy >= level)
    if not above.size:
        return None
    last = max(int(above[0]), 1)
    return float(np.interp(level, accuracy[last - 1 : last + 1], steps[last - 1 : last + 1]))


def _rate(run: Run, lr: float) -> Line:
    rates = sorted({cell.lr for cell in run.cells})
    tried = ", ".join(f"{rate:g}" for rate in rates)
    return Line("T1", f"learning rate read off the curve without batch norm, of {tried}", "not printed", [lr])


def _ordering(accuracy: dict[str, pd.DataFrame], published: dict[str, Any]) -> list[Line]:
    lead = 100 * (accuracy["batch"] - accuracy["none"]).iloc[1:]
    curve, last = (
        np.array(published["accuracy"]["without"]),
        {a: published["accuracy"][a][-1][1] for a in ARMS.values()},
    )
    steps = accuracy["none"].index.to_numpy()
    reached = [crossing(steps, values.to_numpy()) for _, values in accuracy["none"].items()]
    gap = 100 * (last["with"] - last["without"])
    every = f"least lead of batch norm at any of {len(lead)} checkpoints, points of accuracy"
    return [
        Line("T1", every, "ahead wherever both are drawn", told(lead.min(skipna=False)), low=0.0),
        Line(
            "T1",
            f"updates until {TARGET} without batch norm",
            f"{crossing(*curve.T):,.0f}",
            reached,
            low=6_000,
            high=9_000,
        ),
        Line("T1", "lead of batch norm at the end, points of accuracy", f"{gap:.2f}", told(lead.iloc[-1]), 0.5, 1.5),
    ]


def _checkpoints(accuracy: dict[str, pd.DataFrame], published: dict[str, Any]) -> list[Line]:
    """Reported, not judged: batch norm's are the prediction."""
    lines = []
    for arm, column in ARMS.items():
        curve = np.array(published["accuracy"][column])
        for step in CHECKED:
            own = [at(step, values) for _, values in accuracy[arm].items()]
            says = f"test accuracy {column} batch norm after {step:,} updates"
            lines.append(Line("T1", says, f"{np.interp(step, *curve.T):.3f}", own))
    return lines


def at(step: int, values: pd.Series) -> float | None:
    """Return a curve's value after so many updates, straight lines between its points; None beyond its end."""
    (value,) = told([np.interp(step, values.index, values)])
    return value if step <= values.index[-1] else None


def widths(bands: pd.DataFrame) -> pd.DataFrame:
    """Return for every unit (arm, seed, unit): width of its band at first, at last, excursion and size of its median.

    The excursion is the farthest that the median gets from where it begins.
    """
    ordered = bands.sort_values("step", ignore_index=True)
    ordered = ordered.assign(width=ordered["q85"] - ordered["q15"], size=ordered["q50"].abs())
    keys = ["norm", "seed", "unit"]
    units = ordered.groupby(keys)
    ordered = ordered.assign(way=(ordered["q50"] - units["q50"].transform("first")).abs())
    first, last = units.head(1).set_index(keys), units.tail(1).set_index(keys)
    most = ordered.groupby(keys)[["way", "size"]].max(skipna=False)
    return pd.DataFrame(
        {
            "first": first["width"],
            "last": last["width"],
            "growth": last["width"] / first["width"],
            "excursion": most["way"],
            "end": last["size"],
            "most": most["size"],
        }
    )


def _bands(bands: pd.DataFrame, published: dict[str, Any]) -> list[Line]:
    """Return the lines of T2, of the median unit of each seed."""
    middle = widths(bands).groupby(["norm", "seed"]).median(skipna=False)
    own = {arm: middle.loc[arm] for arm in ARMS}
    paper = {arm: widths(_drawn(published, arm)).iloc[0] for arm in ARMS}

    def ratio(column: str) -> list[float]:
        return told(own["none"][column] / own["batch"][column])

    def shown(column: str) -> str:
        return f"{paper['none'][column] / paper['batch'][column]:.1f}"

    def line(says: str, arm: str, column: str, low: float | None = None, high: float | None = None) -> Line:
        return Line(
            "T2", f"{says}, {ARMS[arm]} batch norm", f"{paper[arm][column]:.2f}", told(own[arm][column]), low, high
        )

    return [
        line("width of the band, end / begin", "batch", "growth", 1.3, 2.2),
        line("|median| at the end", "batch", "end", high=0.3),
        line("largest |median| at any checkpoint", "batch", "most", high=0.3),
        line("width of the band at the begin", "none", "first", high=0.15),
        Line(
            "T2", "largest |median| at any checkpoint, without / with batch norm", shown("most"), ratio("most"), low=5.0
        ),
        Line("T2", "farthest from its begin, without / with batch norm", shown("excursion"), ratio("excursion")),
        line("width of the band at the end", "none", "last"),
        line("width of the band at the end", "batch", "last"),
    ]


def _drawn(published: dict[str, Any], arm: str) -> pd.DataFrame:
    """Return the paper's one unit as a table of bands, at shares of its axis for steps."""
    shares = np.linspace(0, 1, STOPS + 1)
    lines = {name: np.interp(shares, *np.array(line).T) for name, line in zip(BAND, published[ARMS[arm]], strict=True)}
    return pd.DataFrame({"step": shares, "norm": arm, "seed": 0, "unit": 0, **lines})


def _tables(accuracy: dict[str, pd.DataFrame], bands: pd.DataFrame, published: dict[str, Any]) -> Tables:
    curves = [
        pd.DataFrame(
            {"step": seen.index, **{name: getattr(seen, way)(axis=1, skipna=False) for name, way in SHADED.items()}}
        )
        .assign(norm=arm)
        .round(4)
        for arm, seen in accuracy.items()
    ]
    lines = {arm: np.array(published["accuracy"][column]) for arm, column in ARMS.items()}
    read = [pd.DataFrame({"step": line[:, 0], "value": line[:, 1], "norm": arm}) for arm, line in lines.items()]
    shares = [
        pd.DataFrame(line, columns=["share", "value"]).assign(line=quantile, norm=arm)
        for arm, column in ARMS.items()
        for quantile, line in zip(BAND, published[column], strict=True)
    ]
    return {
        "here_accuracy": columns(pd.concat(curves)),
        "published_accuracy": columns(pd.concat(read)),
        "here_bands": columns(pd.concat([_typical(bands, arm) for arm in ARMS])),
        "published_bands": columns(pd.concat(shares)),
    }


def _typical(bands: pd.DataFrame, arm: str) -> pd.DataFrame:
    """Return the band of the unit, over all seeds, whose median's excursion is the median one."""
    excursions = widths(bands).loc[arm, "excursion"].sort_values()
    seed, unit = excursions.index[len(excursions) // 2]
    own = bands.query("norm == @arm and seed == @seed and unit == @unit").sort_values("step")
    return own[["step", *BAND]].round(4).assign(norm=arm)
