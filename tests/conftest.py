"""Fixtures of more than one test file."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project import ALL, Project, copied

ROOT = Path(__file__).parents[1]

# As in a worker process: bits depend on the number of threads, and two of them fight where cores are few.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"


@pytest.fixture(scope="session")
def chromium():
    """The system's Chromium, driven by Playwright."""
    playwright = pytest.importorskip("playwright.sync_api")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not path:
        pytest.skip("no Chromium on this system: install the package chromium")
    quiet = ["--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking"]
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=quiet, chromium_sandbox=False)
        yield browser
        browser.close()


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An own copy of what a person edits, with study core alone, without code and results; the working directory."""
    shutil.copy(ROOT / "dvc.yaml", tmp_path / "dvc.yaml")
    choices = (ROOT / "params.yaml").read_text(encoding="utf-8")
    (tmp_path / "params.yaml").write_text(
        re.sub(r"(?m)^studies: \[.*?\]", "studies: [core]", choices), encoding="utf-8"
    )
    shutil.copytree(ROOT / "conf", tmp_path / "conf")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def reproduced(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project after its first reproduction, everything committed. No test changes it."""
    project = copied(tmp_path_factory.mktemp("pipeline") / "first")
    project.git("init", "-q")
    assert project.repro()[0] == ALL
    project.git("add", "-A")
    project.git("commit", "-q", "-m", "first")
    return project


@pytest.fixture
def project(reproduced: Project, tmp_path: Path) -> Iterator[Project]:
    """A copy of the reproduced project, results, cache and stored cells included."""
    shutil.copytree(reproduced.folder, tmp_path / "copy")
    yield Project(tmp_path / "copy")
