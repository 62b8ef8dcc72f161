"""The same tables, byte by byte, whoever trains and whatever dies meanwhile: real processes on loopback."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="needs the extra cluster")

from tests.engines.clusters import child, cluster, eventually, kill
from tests.project import PROFILE, WIDER, Project, copied
from tests.s3 import bucket, server

pytestmark = pytest.mark.slow
CELLS = 8
POISON = """
    if any(cell.lr == 0.3 and cell.norm.name == "batch" for cell in task.cells):
        import os, signal
        os.kill(os.getpid(), signal.SIGKILL)
    one_thread()
"""


def study(folder: Path) -> Project:
    project = copied(folder)
    (project.folder / "conf" / "study" / "core.yaml").write_text(WIDER)
    (project.folder / "conf" / "profile" / "full.yaml").write_text(PROFILE.replace("steps: 100", "steps: 400"))
    return project


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    """A checkout, and what `local` makes of it in build/local."""
    made = study(tmp_path_factory.mktemp("matrix") / "checkout")
    made.call(*train("local"))
    shutil.rmtree(made.folder / "build" / "cells")
    return made


@pytest.fixture(scope="module")
def running(project, tmp_path_factory):
    """A scheduler with two nodes, whose folders have nothing of the checkout but its code."""
    environment = {**project.environment, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    with cluster(tmp_path_factory.mktemp("nodes"), 2, environment) as made:
        yield made


def train(name: str, *overrides: str) -> list[str]:
    return [sys.executable, "-m", "normshift.train", "--root", f"build/{name}", *overrides]


def at(running, store: Path | str, workers: int = 2) -> list[str]:
    return ["engine=dask", f"engine.address={running.address}", f"engine.store={store}", f"engine.workers={workers}"]


def started(project: Project, name: str, *overrides: str) -> subprocess.Popen:
    return subprocess.Popen(
        train(name, *overrides),
        cwd=project.folder,
        env=project.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ended(process: subprocess.Popen) -> str:
    text, _ = process.communicate(timeout=300)
    assert process.returncode == 0, text
    return text


def stored(store: Path) -> int:
    return len(list(store.glob("??/*.sha256")))


def same(project: Project, name: str) -> None:
    found = project.bytes(f"build/{name}/data/runs")
    assert found and found == project.bytes("build/local/data/runs")


def test_workers_of_dask_on_this_machine(project, tmp_path):
    text = project.call(*train("own", "engine=dask", f"engine.store={tmp_path}"))
    assert f"0 of {CELLS} cells are stored" in text and "dashboard http://127.0.0.1:" in text
    same(project, "own")


def test_a_running_scheduler(project, running, tmp_path):
    assert f"{CELLS} to train" in project.call(*train("dask", *at(running, tmp_path)))
    same(project, "dask")


def test_a_worker_is_killed(project, running, tmp_path):
    process = started(project, "worker", *at(running, tmp_path))
    eventually(lambda: stored(tmp_path))
    os.kill(child(running.processes[1]), signal.SIGKILL)
    ended(process)
    same(project, "worker")


def test_a_node_is_killed(project, running, tmp_path):
    node = running.worker()
    process = started(project, "node", *at(running, tmp_path, workers=3))
    eventually(lambda: stored(tmp_path))
    kill(node)
    ended(process)
    same(project, "node")


def test_the_scheduler_is_killed_and_the_command_repeated(project, running, tmp_path):
    with cluster(tmp_path / "nodes", 1, project.environment) as own:
        process = started(project, "scheduler", *at(own, tmp_path / "store", workers=1))
        eventually(lambda: stored(tmp_path / "store"))
        for one in own.processes:  # workers would finish what they have
            kill(one)
        text, _ = process.communicate(timeout=120)
    assert process.returncode == 1 and re.search(r"\ntrain: the scheduler .* is gone: what was finished", text), text
    assert "Traceback" not in text and not (project.folder / "build" / "scheduler" / "data" / "runs").exists()
    finished = stored(tmp_path / "store")
    text = project.call(*train("scheduler", f"engine.store={tmp_path / 'store'}"))  # by the engine local
    assert f"{finished} of {CELLS} cells are stored" in text and 0 < finished < CELLS
    same(project, "scheduler")


def test_the_command_is_killed_with_its_cluster_and_repeated(project, tmp_path):
    process = started(project, "command", "engine=dask", f"engine.store={tmp_path}")
    eventually(lambda: stored(tmp_path))
    process.kill()
    process.communicate(timeout=60)
    text = project.call(*train("command", "engine=dask", f"engine.store={tmp_path}"))
    assert 0 < int(re.search(rf"(\d+) of {CELLS} cells are stored", text)[1])
    same(project, "command")


def test_an_s3_store(project, tmp_path_factory):
    with server():
        place = f"s3://{bucket()}/cells"
        with cluster(tmp_path_factory.mktemp("s3"), 2, project.environment) as own:
            assert f"{CELLS} to train" in project.call(*train("s3", *at(own, place)))
        same(project, "s3")
        shutil.rmtree(project.folder / "build" / "cells")
        assert f"{CELLS} of {CELLS} cells are stored" in project.call(*train("again", f"engine.store={place}"))
        same(project, "again")


@pytest.mark.parametrize("engine", ["local", "dask"])
def test_a_cell_that_always_kills_its_worker_is_named_and_all_others_are_done(tmp_path, engine):
    project = study(tmp_path / "poisoned")
    project.edit("src/normshift/train/worker.py", "\n    one_thread()\n", POISON)
    store, others = tmp_path / "store", ["engine.workers=2", f"engine={engine}", "seed=0"]
    done = subprocess.run(
        train("poisoned", *others, f"engine.store={store}"),
        cwd=project.folder,
        env=project.environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("train: ")]
    assert "killed their worker process each time they were tried; their cells:" in said[0]
    assert all("lr=0.3" in line or "'name': 'batch'" in line for line in said[1:])
    assert stored(store) == 4 - len(said[1:]) >= 2
    assert not (project.folder / "build" / "poisoned" / "data" / "runs").exists()
