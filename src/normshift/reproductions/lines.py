"""Numbers of tables as lines and JSON keep them: one for each seed, what is missing None."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd


def told(numbers: Iterable[float]) -> list[float | None]:
    """Return numbers with None for NaN and infinity."""
    return [float(number) if np.isfinite(number) else None for number in numbers]


def by_seed(table: pd.DataFrame, value: str) -> list[float | None]:
    """Return the median of a column for each seed, lowest seed first; None where a value of it is missing."""
    return told(np.median(own[value].to_numpy()) for _, own in table.groupby("seed"))


def medians(table: pd.DataFrame, keys: list[str], digits: int = 4) -> dict[str, list[Any]]:
    """Return a table as JSON keeps it, a row for each value of some columns, the others' medians over all else.

    Medians have so many significant digits; None where one of the values is missing.
    """
    found = table.groupby(keys).agg(lambda column: np.median(column.to_numpy())).reset_index()
    shown = {name: [_rounded(number, digits) for number in told(found[name])] for name in found if name not in keys}
    return {**{key: found[key].tolist() for key in keys}, **shown}


def columns(table: pd.DataFrame) -> dict[str, list[Any]]:
    """Return a table as JSON keeps it: column -> values; None for NaN and infinity."""
    return {
        str(name): told(values) if pd.api.types.is_float_dtype(values) else values.tolist()
        for name, values in table.items()
    }


def _rounded(number: float | None, digits: int) -> float | None:
    return None if number is None else float(f"{number:.{digits}g}")
