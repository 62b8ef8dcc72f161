"""How far training is: a bar on a terminal, one line a stack otherwise."""

import logging
import sys
import time
from collections.abc import Iterable, Iterator, Sized

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

log = logging.getLogger("normshift")


def shown(name: str, stacks: Iterable[Sized], total: int) -> Iterator[Sized]:
    """Pass stacks through as they get done, showing cells done, rate and time left."""
    yield from (_bar if sys.stderr.isatty() else _lines)(name, stacks, total)


def _bar(name: str, stacks: Iterable[Sized], total: int) -> Iterator[Sized]:
    counts = (TextColumn(name), BarColumn(), MofNCompleteColumn(), TextColumn("cells"))
    rate = TextColumn("{task.fields[rate]:.1f} cells/s")
    with Progress(*counts, rate, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task(name, total=total, rate=0.0)
        for stack, _, rate in _timed(stacks):
            progress.update(task, advance=len(stack), rate=rate)
            yield stack


def _lines(name: str, stacks: Iterable[Sized], total: int) -> Iterator[Sized]:
    for stack, done, rate in _timed(stacks):
        log.info("%s: %d/%d cells, %.1f cells/s, %.0f s left", name, done, total, rate, (total - done) / rate)
        yield stack


def _timed(stacks: Iterable[Sized]) -> Iterator[tuple[Sized, int, float]]:
    """Yield each stack with the cells done by then and their rate per second."""
    begin, done = time.monotonic(), 0
    for stack in stacks:
        done += len(stack)
        yield stack, done, done / max(time.monotonic() - begin, 1e-9)
