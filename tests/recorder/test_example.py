"""The example runs where a person would run it: the wheel alone is installed, without any extra."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from normshift.recorder import load

ROOT = Path(__file__).parents[2]
BUILT_OF = ("src", "pyproject.toml", "README.md", "LICENSE")
OUTPUTS = ["compared.html", "fast.html", "fast.json", "fast.npz", "slow.html", "slow.json", "slow.npz"]
# Of this checkout nothing may be found but what is installed.
HIDDEN = ("PYTHONPATH", "VIRTUAL_ENV")


def called(*command: str | Path, folder: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    done = subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built of a copy: building leaves files behind."""
    source, folder = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in BUILT_OF:
        path = ROOT / name
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(path, source / name, ignore=ignored) if path.is_dir() else shutil.copy(path, source)
    called(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, source, folder=source)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The Python of a new virtual environment in which there is the wheel, and what it needs."""
    folder = tmp_path_factory.mktemp("environment")
    called(sys.executable, "-m", "venv", folder, folder=folder)
    python = folder / "bin" / "python"
    called(python, "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", wheel, folder=folder)
    return python


def distributions(requirements: list[str]) -> set[str]:
    return {re.match(r"[\w.-]+", one)[0].lower().replace("_", "-") for one in requirements}


@pytest.mark.slow
def test_the_wheel_alone_runs_the_example(installed, tmp_path):
    shutil.copy(ROOT / "examples" / "attach.py", tmp_path)
    called(installed, "-W", "error", "attach.py", "made", folder=tmp_path)
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == OUTPUTS
    slow, fast = (load(tmp_path / "made" / name) for name in ("slow", "fast"))
    assert not slow.about["missing"] and len(slow.layers) == 2
    assert not slow.compare(fast).differences.empty


@pytest.mark.slow
def test_the_wheel_brings_nothing_of_any_extra(installed, tmp_path):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {name for own in project["optional-dependencies"].values() for name in distributions(own)}
    listed = "from importlib.metadata import distributions; print(*(one.name for one in distributions()), sep='\\n')"
    found = distributions(called(installed, "-I", "-c", listed, folder=tmp_path).split())
    assert {"dvc", "hydra-core"} <= extras and "normshift" in found
    # joblib comes with scikit-learn
    assert found & extras <= {"joblib"}
