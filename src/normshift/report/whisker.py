"""The dot-and-whisker of a claim's row: every part at every level against zero and the margin, all on one scale.

Effects of all units share the scale because each is divided by its own margin; beyond the margin it is compressed
(inverse hyperbolic sine), so that one large effect does not flatten the others.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from normshift.figures.effects import name
from normshift.figures.numbers import absent, effect, interval

HALF, ROW, EDGE = 100.0, 10.0, 6.0  # units of the drawing: half its width, a row's height, room at the edge


@dataclass(frozen=True)
class Mark:
    """One part: the height of its row and where its estimate and interval lie from left to right; None if missing."""

    y: float
    dot: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Whisker:
    """The drawing of a row: its marks, where margins and zero lie, and its words for those who do not see it."""

    marks: tuple[Mark, ...]
    margins: tuple[float, float]
    zero: float
    width: float
    height: float
    words: str


def multiples(records: Iterable[Mapping[str, Any]]) -> float:
    """Return the largest effect or bound of all claims as a multiple of its margin: where the common scale ends."""
    values = [
        abs(part[key]) / part["margin"]
        for record in records
        for level in record["levels"].values()
        for part in level["parts"].values()
        for key in ("median", "low", "high")
        if not absent(part[key])
    ]
    return max([*values, 2.0])


def whisker(record: Mapping[str, Any], limit: float) -> Whisker | None:
    """Return a claim's drawing on a scale that ends at ``limit`` margins; None if nothing was measured."""
    rows = [(level, part, entry) for level, found in record["levels"].items() for part, entry in found["parts"].items()]
    rows = [row for row in rows if not absent(row[2]["median"])]
    if not rows:
        return None
    marks = tuple(
        Mark((number + 0.5) * ROW, *(_place(entry[key], entry["margin"], limit) for key in ("median", "low", "high")))
        for number, (_, _, entry) in enumerate(rows)
    )
    words = "; ".join(
        f"{name(level, part)}: {effect(entry['median'], entry['unit'])}, interval "
        f"{interval((entry['low'], entry['high']), entry['unit'])}, margin {effect(entry['margin'], entry['unit'])}"
        for level, part, entry in rows
    )
    margins = (_place(-1, 1, limit), _place(1, 1, limit))
    return Whisker(marks, margins, _place(0, 1, limit), 2 * (HALF + EDGE), len(rows) * ROW, words)


def _place(value: float | None, margin: float, limit: float) -> float | None:
    if absent(value):
        return None
    return round(EDGE + HALF * (1 + math.asinh(value / margin) / math.asinh(limit)), 2)
