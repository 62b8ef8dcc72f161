"""What the page is made of, as read from the disk."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from normshift.figures.plot import Tables
from normshift.folders import Folders

# The tables of a study that figures and provenance read.
READ = (
    "cells",
    "outcomes",
    "targets",
    "areas",
    "losses",
    "shifts",
    "noise",
    "motion",
    "identities",
    "bands",
    "trajectories",
    "remaining",
    "variation",
    "discrepancies",
    "regression",
    "composition",
    "diffusion",
)
# The code whose digest stands in the page, below the package's folder: what this stage depends on.
CODE = ("figures/*.py", "report/*.py", "report/templates/*", "params.py", "tables/*.py")


@dataclass(frozen=True)
class Material:
    """Verdicts, the thread answered, effects, tables; where the data come from; code and processor, for provenance."""

    verdicts: Mapping[str, Any]
    thread: Sequence[Mapping[str, Any]]
    effects: pd.DataFrame
    studies: Mapping[str, Tables]
    source: Mapping[str, Any]
    code: Mapping[str, bytes]
    processor: str


def inputs(folders: Folders) -> list[Path]:
    """Return where the source, the verdicts and the thread lie."""
    return [folders.raw / "source.json", folders.verdicts / "verdicts.json", folders.verdicts / "thread.json"]


def whole(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows about whole runs: those about their first halves serve the judge alone."""
    return table[table["span"] == "all"] if "span" in table else table


def parsed(text: bytes, path: Path) -> Any:
    """Return what a JSON file holds, or say which file is broken and what to do."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise ValueError(f"{path} cannot be read ({error}): delete it and run `dvc repro`") from None
