"""Fixtures of more than one test file."""

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# As in a worker process: bits depend on the number of threads, and two of them fight where cores are few.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An own copy of what a person edits, without code and results; the working directory."""
    for name in ("dvc.yaml", "params.yaml"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "conf", tmp_path / "conf")
    monkeypatch.chdir(tmp_path)
    return tmp_path
