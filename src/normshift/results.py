"""What a reproduction of a published figure found, line by line: the schema of reports/reproductions/*.json."""

from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Line:
    """One number per seed (None: missing), what is published about it, and within which limits it is accepted.

    Without limits the line is reported and nothing else. Limits are fixed before the run (DESIGN section 6).
    """

    target: str
    says: str  # what the number is, with its unit
    published: str
    found: list[float | None]
    low: float | None = None
    high: float | None = None

    @property
    def present(self) -> list[float]:
        """The numbers that are not missing."""
        return [number for number in self.found if number is not None]

    @property
    def middle(self) -> float | None:
        """The median over the seeds; None if one is missing."""
        return median(self.present) if self.present and len(self.present) == len(self.found) else None

    @property
    def met(self) -> int:
        """How many seeds lie within the limits."""
        return sum(self._within(number) for number in self.present)

    @property
    def passed(self) -> bool | None:
        """Whether the median lies within the limits; None where there are none."""
        if self.low is None and self.high is None:
            return None
        return self.middle is not None and self._within(self.middle)

    def _within(self, number: float) -> bool:
        return (self.low is None or self.low <= number) and (self.high is None or number <= self.high)


@dataclass(frozen=True)
class Result:
    """A reproduction: what was run, on what, for how long, its lines, and tables (column -> values) to draw."""

    name: str
    title: str
    source: str
    recipe: str
    departures: list[str]
    data: str
    seeds: int
    networks: int
    seconds: float
    trained: int  # networks trained in that time; the others were in the cell store already
    cores: int
    processor: str
    versions: dict[str, str]
    configuration: str  # digest
    lines: list[Line]
    tables: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
