"""The schema of every table that crosses a stage, checked on write and on read.

A table is tidy: one row, one fact. `cell` numbers the cells of a study, as in its table `cells`. Numbers that were
measured are written in the precision in which networks are observed, and read in double.
"""

from normshift.tables.check import TABLES, BadTable, checked
from normshift.tables.column import (
    CAUSES,
    COORDINATES,
    LAGS,
    MODES,
    PARAMETERS,
    READINGS,
    SINCE,
    SINGLE,
    SITES,
    SKETCHED,
    SPANS,
    WINDOWS,
)
from normshift.tables.files import read, rounded, write

__all__ = [
    "CAUSES",
    "COORDINATES",
    "LAGS",
    "MODES",
    "PARAMETERS",
    "READINGS",
    "SINCE",
    "SINGLE",
    "SITES",
    "SKETCHED",
    "SPANS",
    "TABLES",
    "WINDOWS",
    "BadTable",
    "checked",
    "read",
    "rounded",
    "write",
]
