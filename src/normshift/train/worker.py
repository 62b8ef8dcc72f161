"""What a worker process does: train a stack and keep its cells. With `__main__`, the only door to the disk here."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.linalg.cython_blas  # noqa: F401  (compiled products call it: loaded here, its threads can be limited)
import torch
from threadpoolctl import threadpool_limits

from normshift import records
from normshift.engines.store import Folder
from normshift.params import Cell, Train
from normshift.train.loop import train
from normshift.train.samples import Shuffled


@dataclass(frozen=True)
class Task:
    """A stack of cells with their addresses, where their data lie and where their records go."""

    cells: list[Cell]
    digests: list[str]
    shuffled: Path
    store: Path
    train: Train


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
    """Train a stack, keep every cell's record in the store, return their addresses."""
    one_thread()
    trained, _ = train(task.cells, opened(task.shuffled, task.cells), task.train.program, task.train.device)
    for digest, record in zip(task.digests, trained, strict=True):
        Folder(task.store).put(digest, record)
    return task.digests


def weights(cell: Cell, shuffled: Path, settings: Train, path: Path) -> None:
    """Train one cell and write its parameters: npz, one array per name."""
    one_thread()
    _, parameters = train([cell], opened(shuffled, [cell]), settings.program, settings.device, observing=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    records.write({name: value[0].cpu().numpy() for name, value in parameters.items()}, path)
