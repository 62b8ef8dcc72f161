"""Train every cell of a study that the store does not hold, and write what was observed to data/runs/STUDY/."""

import logging
from pathlib import Path

from normshift import launch, records, tables
from normshift.engines import REGISTRY as ENGINES
from normshift.engines.store import Folder
from normshift.folders import Folders, cell_store
from normshift.grid import planned
from normshift.params import Config
from normshift.train import gather, memory, tasks, worker
from normshift.train.digest import digests
from normshift.train.progress import shown

log = logging.getLogger("normshift")


def run(config: Config, folders: Folders, study: str, weights: Path | None = None) -> None:
    """Do the stage's work for one study; ``weights`` also keeps the trained network of its only cell."""
    points = planned(config.studies[study])
    cells = [point.cell for point in points]
    shuffled, store = worker.opened(folders.shuffled, cells), Folder(cell_store())
    addresses = digests(cells, shuffled, config.train)
    workers, fits = memory.shared(cells, shuffled, config.train, config.engine)
    todo = tasks.missing(cells, addresses, fits, folders.shuffled, store, config.train)
    total = sum(len(task.cells) for task in todo)
    log.info("train %s: %d of %d cells are stored, %d to train", study, len(cells) - total, len(cells), total)
    with tasks.named():
        for _ in shown(study, ENGINES[config.engine.kind](worker.run, todo, workers), total):
            pass
    for name, record in gather.gathered(cells, lambda number: store.take(addresses[number])):
        records.write(record, folders.runs(study) / f"{name}.npz")
    tables.write(gather.cells_table(points, addresses), "cells", folders.runs(study))
    if weights:
        worker.weights(cells[0], folders.shuffled, config.train, weights)


if __name__ == "__main__":
    launch.main("train", run)
