"""Negative control: what is called scale-free must not notice that hidden weights are larger.

With batch norm and eps = 0 a network whose hidden weights start c times as large and learn c^2 times as fast is the
same function at every step (measurement.md 1.2, caution 3): numbers of its inputs in their own sigma stay, raw ones
carry the factor c, gradients 1/c. c is a power of two, by which binary numbers are multiplied without rounding: with
another one the two part as training, which is chaotic, magnifies what rounding leaves (c = 3, clean, rate .3: by 1e-4
of a number at step 100 in most seeds, 1 % in one), and the control would be one of chaos.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from normshift.judge.frames import Tables
from normshift.tables import TABLES

STUDY = "scaled"
PLAIN, SCALED = ARMS = ("eps_0", "eps_0_scaled")
SCALE = 4.0  # c
TOLERANCE = float(np.log(1.25)) / 100  # a hundredth of the margin of positive quantities


@dataclass(frozen=True)
class Quantity:
    """A positive column of a table, which of its rows, and the power of c that it carries."""

    table: str
    column: str
    where: tuple[tuple[str, str], ...] = ()
    power: int = 0

    @property
    def name(self) -> str:
        """Its name in the report: table.column with the rows' values."""
        return " ".join([f"{self.table}.{self.column}", *(value for _, value in self.where)])


STEP = ("horizon", "step"), ("probe", "first")
EPOCH = ("horizon", "epoch"), ("probe", "first")
U = (("site", "u"),)
SCALE_FREE = (
    *(
        Quantity("shifts", name, (("site", site), *STEP))
        for site in ("u", "y", "a")
        for name in ("mean_shift", "sd_shift")
    ),
    *(Quantity("shifts", name, (("site", site), *EPOCH)) for site in ("u", "y", "a") for name in ("w1", "w2")),
    *(Quantity("noise", name, U) for name in ("mean_noise", "sd_noise", "ratio_step")),
    *(Quantity("gradients", name) for name in ("relative", "cosine", "per_displacement")),
    Quantity("attribution", "mean_shift", (*U, ("cause", "all"))),
    Quantity("examples", "displacement", (("horizon", "epoch"),)),
    Quantity("motion", "relative_step", (("window", "early"),)),
    Quantity("settling", "settling"),
    Quantity("effective_rates", "effective_rate"),
)
RAW = (
    Quantity("shifts", "mean_shift_raw", (*U, *STEP), 1),
    Quantity("shifts", "w2_raw", (*U, *EPOCH), 1),
    Quantity("noise", "mean_noise_raw", U, 1),
    Quantity("gradients", "l2", (), -1),
    Quantity("effective_rates", "weight_norm", (), 1),
)


def control(tables: Tables) -> dict[str, Any]:
    """Return how far scale-free numbers are from being equal, and raw ones from carrying c, as |ln ratio|."""
    own = tables.of_studies([STUDY])
    absent = [arm for arm in ARMS if not (own.cells["norm"] == arm).any()]
    if absent:
        return {"reason": f"study {STUDY} has no cells of arm {', '.join(absent)} in this run"}
    free, raw = (_pairs(own, quantities) for quantities in (SCALE_FREE, RAW))
    scale_free = {quantity.name: sizes(pairs).max() for quantity, pairs in free.items()}
    raw_numbers = {quantity.name: sizes(pairs).min() for quantity, pairs in raw.items()}
    off = [sizes(pairs - quantity.power * np.log(SCALE)).max() for quantity, pairs in (free | raw).items()]
    return {
        "largest": max(scale_free.values(), default=np.nan),
        "smallest_raw": min(raw_numbers.values(), default=np.nan),
        "factor": float(np.log(SCALE)),
        "tolerance": TOLERANCE,
        "holds": bool(off and max(off) <= TOLERANCE),
        "scale_free": scale_free,
        "raw_numbers": raw_numbers,
    }


def _pairs(tables: Tables, quantities: tuple[Quantity, ...]) -> dict[Quantity, pd.Series]:
    found = {quantity: log_ratios(tables, quantity) for quantity in quantities}
    return {quantity: pairs for quantity, pairs in found.items() if not pairs.empty}


def log_ratios(tables: Tables, quantity: Quantity) -> pd.Series:
    """Return ln(scaled / plain) of a quantity for each of the table's rows, by (lr, seed) and the row's keys.

    What both lack is left out; what one lacks is infinitely far apart.
    """
    rows = tables.rows(quantity.table, norm=list(ARMS), **dict(quantity.where))
    keys = [key for key, column in TABLES[quantity.table].items() if not column.missing and column.type != "bool"]
    keys = ["lr", "seed", *(key for key in keys if key != "cell")]
    wide = rows.pivot(index=keys, columns="norm", values=quantity.column).reindex(columns=list(ARMS))
    logs = np.log(wide.where(wide > 0)).dropna(how="all")
    return (logs[SCALED] - logs[PLAIN]).fillna(np.inf)


def sizes(pairs: pd.Series) -> pd.Series:
    """Return the mean size over the rows of each pair of cells."""
    return pairs.abs().groupby(["lr", "seed"]).mean()
