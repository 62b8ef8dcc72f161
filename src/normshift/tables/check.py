"""All tables by name, and whether a frame fits one."""

import pandas as pd

from normshift.tables.activations import ACTIVATIONS
from normshift.tables.column import Column
from normshift.tables.gradients import GRADIENTS
from normshift.tables.motion import MOTION
from normshift.tables.runs import RUNS

TABLES: dict[str, dict[str, Column]] = {**RUNS, **ACTIVATIONS, **MOTION, **GRADIENTS}


class BadTable(ValueError):
    """A table that does not fit its schema; the message names table, column and fault."""


def checked(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return ``frame`` with the columns of table ``name`` in order and of their types, or raise `BadTable`."""
    columns = TABLES[name]
    if wrong := set(columns).symmetric_difference(frame.columns):
        raise BadTable(f"table {name}: columns missing or unknown: {', '.join(sorted(wrong))}")
    try:
        frame = frame[list(columns)].astype({key: column.type for key, column in columns.items()})
    except (TypeError, ValueError) as error:
        raise BadTable(f"table {name}: {error}") from error
    for key, column in columns.items():
        _check(frame[key], column, f"table {name}, column {key}")
    return frame.reset_index(drop=True)


def _check(values: pd.Series, column: Column, where: str) -> None:
    if not column.missing and values.isna().any():
        raise BadTable(f"{where}: {int(values.isna().sum())} missing values")
    if column.among and not (odd := values[~values.isin(column.among)]).empty:
        raise BadTable(f"{where}: {odd.iloc[0]!r} is not one of {', '.join(column.among)}")
    if column.low is not None and not (odd := values[values < column.low]).empty:
        raise BadTable(f"{where}: {odd.iloc[0]} is below {column.low:g}")
