"""Have every cell of a study in the store: what is not there yet is trained by an engine."""

import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from normshift.crew import Facts, Needs
from normshift.engines import REGISTRY as ENGINES
from normshift.engines.store import Folder, Remote
from normshift.params import Cell, Engine, Train
from normshift.train import tasks, worker
from normshift.train.digest import digests
from normshift.train.memory import fitting, needed
from normshift.train.progress import shown
from normshift.train.where import machine, versions

log = logging.getLogger("normshift")


def finished(
    study: str, cells: Sequence[Cell], folder: Path, store: Folder | Remote, train: Train, engine: Engine
) -> list[str]:
    """Return the address of each cell, all of them in the store; ``folder`` is the one that `shuffle` wrote.

    No engine is started for what is stored already. Addresses tell the machine that trains; if that is not this one,
    what is stored is looked at again once it is known.
    """
    shuffled, here = worker.opened(folder, cells), partial(machine, train.device)
    addresses = digests(cells, shuffled, train, here())
    if not (todo := tasks.missing(cells, addresses, store)):
        _say(study, cells, todo)
        return addresses
    store.ready()
    needs = Needs(needed(cells, shuffled, train), loaded, here, alone=train.device == "cuda")
    with ENGINES[engine.kind](engine, needs) as crew:
        if crew.machine != here():
            addresses = digests(cells, shuffled, train, crew.machine)
            todo = tasks.missing(cells, addresses, store)
        _say(study, cells, todo)
        fits = fitting(list(todo) or cells, shuffled, train, crew)
        stacks = tasks.stacked(todo, fits, folder, store, train, crew)
        with tasks.named():
            for _ in shown(study, crew.run(worker.run, stacks), len(todo)):
                pass
    store.present(addresses)
    return addresses


def loaded() -> Facts:
    """Return `versions` where the code that trains is loaded, as this module has done: no other may be loaded later."""
    return versions()


def _say(study: str, cells: Sequence[Cell], todo: dict[Cell, str]) -> None:
    stored = len(cells) - len(todo)
    log.info("train %s: %d of %d cells are stored, %d to train", study, stored, len(cells), len(todo))
