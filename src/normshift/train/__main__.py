"""Train every cell of a study that the store does not hold, and write what was observed to data/runs/STUDY/."""

from pathlib import Path

from normshift import launch, records, tables
from normshift.engines.store import opened
from normshift.folders import Folders, cell_store
from normshift.grid import planned
from normshift.params import Config
from normshift.train import gather, worker
from normshift.train.finish import finished


def run(config: Config, folders: Folders, study: str, weights: Path | None = None) -> None:
    """Do the stage's work for one study; ``weights`` also keeps the trained network of its only cell."""
    points = planned(config.studies[study])
    cells = [point.cell for point in points]
    store = opened(config.engine.store or str(cell_store()), near=cell_store())
    addresses = finished(study, cells, folders.shuffled, store, config.train, config.engine)
    for name, record in gather.gathered(cells, lambda number: store.take(addresses[number])):
        records.write(record, folders.runs(study) / f"{name}.npz")
    tables.write(gather.cells_table(points, addresses), "cells", folders.runs(study))
    if weights:
        worker.weights(cells[0], folders.shuffled, config.train, weights)


if __name__ == "__main__":
    launch.main("train", run)
