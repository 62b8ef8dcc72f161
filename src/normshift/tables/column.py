"""What a column of a table may hold, and the columns that many tables share."""

from dataclasses import dataclass

# Significant bits that are written: all of single precision; of differences between numbers that had so many; of what
# follows from order statistics, kept in half precision (11); of what is drawn and nothing else.
SINGLE, DIFFERENCE, SKETCHED, DRAWN = 24, 16, 14, 12

SITES = ("u", "x", "y", "a")
MODES = ("batch", "ema", "population")
PARAMETERS = ("gamma", "beta", "weight")
SPANS = {"all": 1.0, "half": 0.5}  # shares of the run
WINDOWS = ("early", "late", "all")
SINCE = (0.0, 0.1, 0.3)  # shares of the planned steps at which something may be frozen; 0: the whole run
LAGS = ("step", "ten", "epoch")
CAUSES = ("all", "below", "own", "rest")
COORDINATES = ("raw", "gauge")
READINGS = ("without", "with")


@dataclass(frozen=True)
class Column:
    """A column: its pandas type, unit and meaning, whether a value may be missing, what values are allowed.

    ``bits``: how many significant ones of a number are written, in single precision; 0: the number as it is. What is
    beyond single precision is missing, as an infinity in a record is.
    """

    type: str
    meaning: str
    missing: bool = False
    among: tuple[str, ...] = ()
    low: float | None = None
    bits: int = 0


def number(meaning: str, low: float | None = None, bits: int = SINGLE) -> Column:
    """Return a column of measured numbers that may be missing (a cell that diverged, what the arm does not have)."""
    return Column("float64", meaning, missing=True, low=low, bits=bits)


CELL = {"cell": Column("int32", "number of the cell in its study", low=0)}
STEP = {"step": Column("int32", "updates made before the snapshot", low=0)}
LATER = {
    "later": Column("int32", "updates made before the second snapshot", low=0),
    "horizon": Column(
        "str", "how far apart: one step, ten, an epoch, or since the start", among=("step", "ten", "epoch", "start")
    ),
}
LAYER = {"layer": Column("int16", "hidden layer, 1 is the first", low=1)}
SITE = {"site": Column("str", "where the distribution is read", among=SITES)}
MODE = {"mode": Column("str", "which statistics normalise", among=MODES)}
PARAMETER = {"parameter": Column("str", "which parameter", among=PARAMETERS)}
SPAN = {"span": Column("str", "the whole run, or its first half as if it were one", among=tuple(SPANS))}
WINDOW = {"window": Column("str", "part of the run: steps below the early share, above the late, all", among=WINDOWS)}
