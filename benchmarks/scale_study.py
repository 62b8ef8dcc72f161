"""The study that benchmarks/scale.py trains: batch norm and none, four learning rates, twelve seeds."""

import shutil
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from normshift.configure.__main__ import compose
from normshift.configure.resolve import dumped
from normshift.crew import GIB
from normshift.fetch.__main__ import run as fetch
from normshift.folders import Folders
from normshift.grid import planned
from normshift.params import Cell, Config, Engine
from normshift.shuffle.__main__ import run as shuffle
from normshift.train import memory

STUDY = "scaled"  # a small one, without tuning seeds, none of it watched in detail
NORMS = ("none", "batch")
RATES = (0.01, 0.03, 0.1, 0.3)  # nothing diverges, so that every cell does all of its work
LONG = 1000  # steps of a cell in the default profile


@dataclass(frozen=True)
class Extent:
    """How much is measured and run."""

    seeds: int = 12
    steps: int = 300
    stack: int = 8
    workers: tuple[int, ...] = (1, 2, 4)
    rounds: int = 3
    stacks: tuple[tuple[int, int], ...] = ((1, 300), (8, 300), (32, 300), (8, LONG))  # cells, steps
    tasks: int = 2000


QUICK = Extent(2, 60, 2, (1, 2), 1, ((1, 60), (2, 60), (4, 60), (2, LONG)), 200)


@cache
def composed(extent: Extent, steps: int, rates: tuple[float, ...] = RATES) -> Config:
    """Return the configuration of the study with cells of so many steps."""
    axes = [f"norm=[{','.join(NORMS)}]", f"lr=[{','.join(map(str, rates))}]"]
    seeds = [f"seeds.judged={extent.seeds}"]
    return compose(Path.cwd(), [f"studies=[{STUDY}]", f"steps={steps}", *axes, *seeds], single=True)


def cells(config: Config) -> list[Cell]:
    """Return the study's cells."""
    return [point.cell for point in planned(config.studies[STUDY])]


def prepared(root: Path, extent: Extent) -> Folders:
    """Write data, in order for the longest cells, below an empty root that stages take for a checkout of its own."""
    shutil.rmtree(root, ignore_errors=True)
    folders, config = Folders(root), composed(extent, max(LONG, extent.steps))
    fetch(config, folders)
    shuffle(config, folders)
    (root / "dvc.yaml").touch()
    return folders


def engaged(config: Config, engine: str, workers: int, stack: int) -> Config:
    """Return the configuration under an engine with so many workers, and memory for stacks of that many cells."""
    cell, samples, shape = cells(config)[0], config.data.train, tuple(config.data.shape)
    process = memory.per_process(cell, samples, shape)
    each = process + (stack + 0.5) * memory.per_cell(cell, config.train, samples, shape)
    one = replace(_engine(engine), workers=workers)
    return replace(config, engine=replace(one, memory=workers * each / GIB))


@cache
def _engine(name: str) -> Engine:
    return compose(Path.cwd(), [f"engine={name}"]).engine


def written(config: Config, folders: Folders) -> None:
    """Write the configuration that the stage reads."""
    folders.config.parent.mkdir(parents=True, exist_ok=True)
    folders.config.write_text(dumped(config), encoding="utf-8")
