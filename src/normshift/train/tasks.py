"""Which stacks are still to be trained, and what is said of those that cannot be."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from normshift.crew import Crew, Died
from normshift.engines.store import Folder, Remote
from normshift.params import Cell, Refused, Train
from normshift.train.stacks import stacks, work
from normshift.train.where import versions
from normshift.train.worker import Task, files


def missing(cells: Sequence[Cell], addresses: Sequence[str], store: Folder | Remote) -> dict[Cell, str]:
    """Return the cells that are not stored, and their addresses."""
    present = store.present(addresses)
    return {cell: address for cell, address in zip(cells, addresses, strict=True) if address not in present}


def stacked(
    todo: Mapping[Cell, str],
    fits: Callable[[Cell], int],
    shuffled: Path,
    store: Folder | Remote,
    train: Train,
    crew: Crew,
) -> list[Task]:
    """Return the stacks of the cells, of at most ``fits(cell)`` each, the longest first.

    Workers that share no disk with this process are lent the data by the store.
    """
    parts = sorted(stacks(list(todo), fits), key=work, reverse=True)
    where = {**versions(), **crew.machine}
    lent = tuple((name, store.lend(shuffled / name)) for name in files(list(todo))) if crew.far else ()
    data = lent or shuffled.resolve()
    return [Task(part, [todo[cell] for cell in part], data, store.place, train, where) for part in parts]


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
