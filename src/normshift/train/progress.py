"""How far training is: a bar on a terminal, one line a stack otherwise."""

import logging
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from normshift.crew import Done, Lost

log = logging.getLogger("normshift")


@dataclass(frozen=True)
class Reached:
    """Cells that are done by now, their rate per second, and cells of which a worker died, counted each time."""

    done: int
    rate: float
    lost: int

    def __str__(self) -> str:
        rate = f"{self.rate:.1f}" if self.rate >= 1 else f"{self.rate:.2g}"  # large cells take minutes each
        return f"{rate} cells/s" + (f", {self.lost} lost and tried again" if self.lost else "")


def shown(name: str, outcomes: Iterable[Done | Lost], total: int) -> Iterator[Done | Lost]:
    """Pass what comes of stacks through, showing cells done, their rate, the time left, and what was lost."""
    yield from (_bar if sys.stderr.isatty() else _lines)(name, outcomes, total)


def _bar(name: str, outcomes: Iterable[Done | Lost], total: int) -> Iterator[Done | Lost]:
    counts = (TextColumn(name), BarColumn(), MofNCompleteColumn(), TextColumn("cells"))
    rate = TextColumn("{task.fields[reached]}")
    with Progress(*counts, rate, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task(name, total=total, reached="")
        for outcome, reached in _timed(outcomes):
            progress.update(task, completed=reached.done, reached=str(reached))
            yield outcome


def _lines(name: str, outcomes: Iterable[Done | Lost], total: int) -> Iterator[Done | Lost]:
    for outcome, reached in _timed(outcomes):
        left = f"{(total - reached.done) / reached.rate:.0f} s left" if reached.done else "none done yet"
        log.info("%s: %d/%d cells, %s, %s", name, reached.done, total, reached, left)
        yield outcome


def _timed(outcomes: Iterable[Done | Lost]) -> Iterator[tuple[Done | Lost, Reached]]:
    begin, done, lost = time.monotonic(), 0, 0
    for outcome in outcomes:
        cells = len(outcome.task.cells)
        done, lost = (done + cells, lost) if isinstance(outcome, Done) else (done, lost + cells)
        yield outcome, Reached(done, done / max(time.monotonic() - begin, 1e-9), lost)
