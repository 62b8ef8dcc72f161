"""What a worker process does: train a stack and keep its cells. With `__main__`, the only door to the disk here."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

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
    """Open what `shuffle` wrote, as far as cells need it."""
    with np.load(folder / "splits.npz", allow_pickle=False) as splits:
        splits = {name: splits[name] for name in splits.files}
    streams = {}
    for name, size in sorted({(cell.order.name, cell.batch_size) for cell in cells}):
        with np.load(folder / "streams" / f"{name}-{size}.npz", allow_pickle=False) as stream:
            streams[name, size] = {key: stream[key] for key in stream.files}
    inputs, labels = (
        np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in ("inputs", "labels")
    )
    return Shuffled(inputs, labels, splits, streams)


def run(task: Task) -> list[str]:
    """Train a stack, keep every cell's record in the store, return their addresses."""
    torch.set_num_threads(1)
    trained, _ = train(task.cells, opened(task.shuffled, task.cells), task.train.program, task.train.device)
    for digest, record in zip(task.digests, trained, strict=True):
        Folder(task.store).put(digest, record)
    return task.digests


def weights(cell: Cell, shuffled: Path, settings: Train, path: Path) -> None:
    """Train one cell and write its parameters: npz, one array per name."""
    torch.set_num_threads(1)
    _, parameters = train([cell], opened(shuffled, [cell]), settings.program, settings.device, observing=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    records.write({name: value[0].cpu().numpy() for name, value in parameters.items()}, path)
