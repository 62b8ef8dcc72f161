"""What the page is made of, as read from the disk."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from normshift.figures.plot import Tables
from normshift.folders import Folders
from normshift.params import Refused, typed
from normshift.report.comparison import is_summary
from normshift.results import Result

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
REMEDY = "run `python -m normshift.reproductions` on it again, or `git checkout` it"
# The code whose digest stands in the page, below the package's folder: what this stage depends on.
CODE = ("figures/*.py", "report/*.py", "report/templates/*", "params.py", "results.py", "tables/*.py")


@dataclass(frozen=True)
class Material:
    """Verdicts, the thread answered, effects, tables; where the data come from; code and processor, for provenance.

    ``summary`` is this run's in short, ``others`` those of other runs by name: what they are compared by;
    ``results`` are what reproductions of published figures found.
    """

    verdicts: Mapping[str, Any]
    thread: Sequence[Mapping[str, Any]]
    effects: pd.DataFrame
    studies: Mapping[str, Tables]
    source: Mapping[str, Any]
    code: Mapping[str, bytes]
    processor: str
    summary: Mapping[str, Any]
    others: Mapping[str, Mapping[str, Any]]
    results: Sequence[Result]


def inputs(folders: Folders) -> list[Path]:
    """Return where the source, the verdicts, the thread and the summary lie."""
    verdicts = [folders.verdicts / name for name in ("verdicts.json", "thread.json")]
    return [folders.raw / "source.json", *verdicts, folders.reports / "summary.json"]


def others(texts: Mapping[Path, bytes]) -> dict[str, Any]:
    """Return the summaries of other runs by the names of their files, or say which file is none."""
    found = {path: parsed(text, path, "put the summary of a run there") for path, text in texts.items()}
    if broken := [path for path, summary in found.items() if not is_summary(summary)]:
        raise ValueError(f"{broken[0]} is not the summary of a run: remove it")
    return {path.stem: found[path] for path in sorted(found)}


def results(texts: Mapping[Path, bytes]) -> list[Result]:
    """Return what reproductions found, or say which file is none of their results."""
    found = {path: parsed(text, path, REMEDY) for path, text in texts.items()}
    try:
        return [typed(Result, value, path.name) for path, value in sorted(found.items())]
    except Refused as refused:
        raise ValueError(f"reports/reproductions/{refused.lines[0]}: {REMEDY}") from None


def whole(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows about whole runs: those about their first halves serve the judge alone."""
    return table[table["span"] == "all"] if "span" in table else table


def parsed(text: bytes, path: Path, remedy: str = "delete it and run `dvc repro`") -> Any:
    """Return what a JSON file holds, or say which file is broken and what to do."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} cannot be read ({error}): {remedy}") from None
