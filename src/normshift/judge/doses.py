"""How something answers to the heterogeneity H of the batches: doses are orders and batch sizes, one H a seed each."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from normshift.judge.evidence import Dropped
from normshift.judge.frames import Tables, seeds

DOSE = ["order", "batch_size"]
LEAST = 3  # doses: a line through fewer says little
QUANTITY = "label_share"  # H: variance between batches of the share of a label (measurement: claims, H)
Dose = tuple[str, int]  # order, batch size


def usual(tables: Tables) -> Dose:
    """Return the reference cell's dose."""
    return tables.reference["order"], tables.reference["batch_size"]


def sound(outcomes: pd.DataFrame, fails: pd.Series, reason: str) -> tuple[dict[float, list[Dose]], list[Dropped]]:
    """Return by learning rate the doses of an arm at which no judged seed fails, and those left out.

    A dose stands where an arm would (measurement: addendum, learning): left out at its rate, for all seeds.
    """
    found: dict[float, list[Dose]] = {}
    dropped = []
    for (lr, order, size), count in fails.groupby([outcomes[key] for key in ("lr", *DOSE)]).sum().items():
        if count:
            arm = f"{outcomes['norm'].iloc[0]}, order {order}, batch size {size}"
            dropped.append(Dropped(float(lr), arm, reason, int(count)))
        else:
            found.setdefault(float(lr), []).append((order, int(size)))
    return found, dropped


def heterogeneity(tables: Tables, doses: Sequence[Dose]) -> pd.DataFrame:
    """Return H of the doses: a row per judged seed, a column per dose; missing where no such batches were drawn."""
    columns = pd.MultiIndex.from_tuples(doses, names=DOSE)
    if tables.heterogeneity is None:
        return pd.DataFrame(np.nan, index=seeds(tables), columns=columns)
    rows = tables.heterogeneity[tables.heterogeneity["quantity"] == QUANTITY]
    wide = rows.pivot(index="seed", columns=DOSE, values="measured")
    return wide.reindex(index=seeds(tables), columns=columns)


def rise(values: pd.DataFrame, doses: pd.DataFrame) -> pd.Series:
    """Return per seed how much higher a value lies at the largest H than at the smallest: (seed, dose) -> (seed).

    The values of a least-squares line on sqrt(H), the spread between batches, so that H = 0 has its place.
    """
    spread = np.sqrt(doses.to_numpy(dtype=float))
    centred = spread - spread.mean(axis=1, keepdims=True)
    squares = np.square(centred).sum(axis=1)
    slope = (centred * values.to_numpy(dtype=float)).sum(axis=1) / np.where(squares > 0, squares, np.nan)
    return pd.Series(slope * np.ptp(spread, axis=1), index=values.index)


def fitted(steps: pd.DataFrame, doses: pd.DataFrame) -> pd.DataFrame:
    """Return per seed a and b of step^2 = a + b H: the square of what is there at H = 0, and what H adds to it.

    A gradient's mean square is its mean's square plus a variance proportional to H. Least squares of the relative
    residuals 1 - (a + b H) / step^2, as H spans two orders of magnitude: (seed, dose) -> (seed, 2).
    """
    squares = np.square(steps.where(steps > 0).to_numpy(dtype=float))
    lines = [_line(*row) for row in zip(squares, doses.to_numpy(dtype=float), strict=True)]
    return pd.DataFrame(np.reshape(lines, (-1, 2)), index=steps.index, columns=["a", "b"])


def _line(squares: np.ndarray, doses: np.ndarray) -> np.ndarray:
    if np.isnan(squares + doses).any() or np.ptp(doses) == 0:
        return np.full(2, np.nan)
    design = np.stack([1 / squares, doses / squares], axis=-1)
    return np.linalg.lstsq(design, np.ones(len(doses)), rcond=None)[0]
