"""Where each stage reads and writes, spelt once; `dvc.yaml` names the same paths (a test compares them)."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Folders:
    """The folders of one run below ``root``: ``.`` for DVC's outputs, ``build/single`` or ``build/smoke`` otherwise."""

    root: Path = Path(".")

    @property
    def config(self) -> Path:
        """The resolved configuration, written by `configure`."""
        return self.root / "build" / "config.json"

    @property
    def raw(self) -> Path:
        """What `fetch` brought."""
        return self.root / "data" / "raw"

    @property
    def shuffled(self) -> Path:
        """Splits, probes and index streams."""
        return self.root / "data" / "shuffled"

    def runs(self, study: str) -> Path:
        """What was observed while a study's cells trained."""
        return self.root / "data" / "runs" / study

    def shifts(self, study: str) -> Path:
        """Tidy tables of what a study's records show."""
        return self.root / "data" / "shifts" / study

    @property
    def verdicts(self) -> Path:
        """Effects, verdicts and the sentences chosen by them."""
        return self.root / "data" / "verdicts"

    @property
    def reports(self) -> Path:
        """The page, its figures and tables, the summary."""
        return self.root / "reports"

    @property
    def others(self) -> Path:
        """Summaries of other runs, put there by hand: the page says where they disagree."""
        return self.reports / "others"

    @property
    def reproductions(self) -> Path:
        """What published figures came to when they were run again; the page shows it."""
        return self.reports / "reproductions"


def project_root(start: Path | None = None) -> Path:
    """Return the nearest folder at or above ``start`` that holds dvc.yaml; the cell store is below it."""
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "dvc.yaml").is_file():
            return folder
    raise ValueError(f"no dvc.yaml in {here} or above it: run this inside a checkout of normshift")


def downloads() -> Path:
    """Return the folder of downloaded files, a folder below it for each data set."""
    return project_root() / "build" / "downloads"


def cell_store() -> Path:
    """Return the folder of finished cells, shared by every run of a checkout."""
    return project_root() / "build" / "cells"
