"""What a worker process does: train a stack and keep its cells. With `__main__`, the only door to the disk here."""

import atexit
import functools
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.linalg.cython_blas  # noqa: F401  (compiled products call it: loaded here, its threads can be limited)
import torch
from threadpoolctl import threadpool_limits

from normshift import records
from normshift.crew import Unlike, differing
from normshift.engines.store import opened as opened_store
from normshift.engines.store.folder import checksum
from normshift.params import Cell, Train
from normshift.train.loop import train
from normshift.train.samples import Shuffled
from normshift.train.where import machine, versions


@dataclass(frozen=True)
class Task:
    """A stack of cells with their addresses, where their data lie and where their records go.

    ``data`` is the folder that `shuffle` wrote, or what is lent of it by the store, as pairs of a name there and a
    checksum. ``where`` is what the addresses stand for: code, libraries and machine.
    """

    cells: list[Cell]
    digests: list[str]
    data: Path | tuple[tuple[str, str], ...]
    store: str
    train: Train
    where: Mapping[str, str | int]


def opened(folder: Path, cells: Sequence[Cell]) -> Shuffled:
    """Open what `shuffle` wrote, as far as cells need it, or raise `BadRecord`."""
    needed = sorted({(cell.order.name, cell.batch_size) for cell in cells})
    streams = {key: records.arrays(folder / "streams" / f"{key[0]}-{key[1]}.npz") for key in needed}
    inputs, labels = (_mapped(folder / f"{name}.npy") for name in ("inputs", "labels"))
    shuffled = Shuffled(inputs, labels, records.arrays(folder / "splits.npz"), streams)
    if not all(shuffled.serves(cell) for cell in cells):
        raise records.BadRecord(f"{folder} is older than the configuration: run the stage shuffle, or `dvc repro`")
    return shuffled


def _mapped(path: Path) -> np.ndarray:
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise records.BadRecord(f"{path} cannot be read ({error}): delete it and run `dvc repro`") from error


def one_thread() -> None:
    """Keep this process to one thread: bits may depend on their number, and processes fill the cores already."""
    torch.set_num_threads(1)
    threadpool_limits(1)


def run(task: Task) -> list[str]:
    """Train a stack, keep every cell's record in the store, return their addresses; `Unlike` if this is no place to."""
    one_thread()
    if other := differing({**versions(), **machine(task.train.device)}, task.where):
        raise Unlike(f"{other}: the same code, libraries and processor must be everywhere, and stay while it trains")
    folder = task.data if isinstance(task.data, Path) else _brought(task.store, task.data)
    trained, _ = train(task.cells, opened(folder, task.cells), task.train.program, task.train.device)
    store = opened_store(task.store, folder)
    for digest, record in zip(task.digests, trained, strict=True):
        store.put(digest, record)
    return task.digests


@functools.cache
def _brought(store: str, lent: tuple[tuple[str, str], ...]) -> Path:
    """Return a private folder with what the store lends, the same for all stacks of a study; gone with this process."""
    folder = Path(tempfile.mkdtemp(prefix="normshift-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name, said in lent:
        path = folder / name
        content = opened_store(store, folder).lent(said)
        if checksum(content) != said:
            raise records.BadRecord(f"{store}: {said} is altered: run the same command again")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return folder


def files(cells: Sequence[Cell]) -> list[str]:
    """Return the names of the files below `shuffle`'s folder that cells need."""
    streams = sorted({f"streams/{cell.order.name}-{cell.batch_size}.npz" for cell in cells})
    return ["inputs.npy", "labels.npy", "splits.npz", *streams]


def weights(cell: Cell, shuffled: Path, settings: Train, path: Path) -> None:
    """Train one cell and write its parameters: npz, one array per name."""
    one_thread()
    _, parameters = train([cell], opened(shuffled, [cell]), settings.program, settings.device, observing=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    records.write({name: value[0].cpu().numpy() for name, value in parameters.items()}, path)
