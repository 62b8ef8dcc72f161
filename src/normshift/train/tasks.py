"""Which stacks are still to be trained, and what is said of those that cannot be."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from normshift.engines.local import Died
from normshift.engines.store import Folder
from normshift.params import Cell, Refused, Train
from normshift.train.stacks import stacks, work
from normshift.train.worker import Task


def missing(
    cells: Sequence[Cell],
    digests: Sequence[str],
    fits: Callable[[Cell], int],
    shuffled: Path,
    store: Folder,
    train: Train,
) -> list[Task]:
    """Return the stacks of the cells that are not stored, of at most ``fits(cell)`` each, the longest first."""
    addresses, present = dict(zip(cells, digests, strict=True)), store.present(digests)
    todo = [cell for cell in cells if addresses[cell] not in present]
    parts = sorted(stacks(todo, fits), key=work, reverse=True)
    return [Task(part, [addresses[cell] for cell in part], shuffled.resolve(), store.root, train) for part in parts]


@contextmanager
def named() -> Iterator[None]:
    """Say of cells that kill their worker which they are, one line each."""
    try:
        yield
    except Died as died:
        lines = [_described(cell) for task in died.tasks for cell in task.cells]
        raise Refused([f"{died}; their cells:", *lines]) from died


def _described(cell: Cell) -> str:
    return ", ".join(f"{key}={value}" for key, value in asdict(cell).items())
