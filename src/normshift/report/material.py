"""What the page is made of, as read from the disk."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from normshift.figures.plot import Tables

# The tables of a study that figures and provenance read.
READ = (
    "cells",
    "outcomes",
    "targets",
    "losses",
    "shifts",
    "noise",
    "motion",
    "identities",
    "bands",
    "trajectories",
)
SOURCE, VERDICTS = "source.json", "verdicts.json"
# The code whose digest stands in the page, below the package's folder: what this stage depends on.
CODE = ("figures/*.py", "report/*.py", "report/templates/*", "params.py", "tables/*.py")


@dataclass(frozen=True)
class Material:
    """Verdicts, effects and tables of the studies; where the data come from; code and processor, for provenance."""

    verdicts: Mapping[str, Any]
    effects: pd.DataFrame
    studies: Mapping[str, Tables]
    source: Mapping[str, Any]
    code: Mapping[str, bytes]
    processor: str


def whole(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows about whole runs: those about their first halves serve the judge alone."""
    return table[table["span"] == "all"] if "span" in table else table


def parsed(text: bytes, path: Path) -> dict[str, Any]:
    """Return a JSON object, or say which file is broken and what to do."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise ValueError(f"{path} cannot be read ({error}): delete it and run `dvc repro`") from None
