"""How far batch norm moves the highest learning rate that trains (Ioffe & Szegedy 2015, 4.2; Bjorck et al. 2018)."""

import numpy as np
import pandas as pd

from normshift.params import Refused
from normshift.reproductions.lines import columns, told
from normshift.reproductions.run import Found, Run
from normshift.results import Line

SHALLOW = 3  # hidden layers of the network in which nothing is claimed: its sigmoids saturate, they do not explode
RATIO = 3.0
CHANCE = 0.2  # twice what guessing reaches in ten classes: at or below it a run counts as having learned nothing
PUBLISHED = "5 times its rate diverges without, 30 times trains with (ImageNet)"


def found(run: Run) -> Found:
    """Return by network the highest rate that trains without and with batch norm, and their ratio (T6)."""
    table = run.tables["cells"].merge(run.tables["outcomes"].query("span == 'all'"), on="cell")
    table = table.assign(trains=table["diverged_step"].isna() & (table["learning_accuracy"] > CHANCE))
    lines: list[Line] = []
    if absent := {"none", "batch"} - set(table["norm"]):
        raise Refused([f"norm={', '.join(sorted(absent))}: missing: the ratio is of both arms"])
    for (depth, model), own in table.groupby(["depth", "model"]):
        limit, name = (RATIO if depth > SHALLOW else None), f"{model}, {depth} hidden layers"
        top = {arm: highest(rows) for arm, rows in own.groupby("norm")}
        for arm, rates in top.items():
            grid = own.query("norm == @arm")["lr"]
            says = f"{name}: highest rate that trains, {arm}, of {grid.min():g} to {grid.max():g}"
            lines.append(Line("T6", says, "", told(rates.to_numpy())))
        ratio = told((top["batch"] / top["none"]).round(6).to_numpy())
        lines.append(Line("T6", f"{name}: with / without batch norm", PUBLISHED, ratio, low=limit))
    shares = table.groupby(["model", "depth", "norm", "lr"])["trains"].mean().reset_index()
    return lines, {"trains": columns(shares)}


def highest(rows: pd.DataFrame) -> pd.Series:
    """Return by seed the highest rate that trains; missing if none does."""
    return rows.assign(rate=rows["lr"].where(rows["trains"], np.nan)).groupby("seed")["rate"].max()
