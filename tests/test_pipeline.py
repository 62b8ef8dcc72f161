"""The whole pipeline under DVC, on a few cells, in a project of its own."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from normshift import records
from tests.project import ALL, CELLS, ROOT, WIDER, Project, copied


@pytest.mark.slow
def test_nothing_is_left_to_do_and_nothing_of_it_is_in_git(reproduced):
    ran, text = reproduced.repro()
    assert ran == [] and "up to date" in text
    assert reproduced.git("status", "--porcelain") == ""
    tracked = [name for name in reproduced.git("ls-files").split() if not name.startswith("reports/reproductions/")]
    assert {name for name in tracked if name.startswith(("data", "reports", "build"))} == {
        "reports/metrics.json",
        "reports/others/README.md",
        "reports/summary.json",
    }


@pytest.mark.slow
def test_a_fresh_clone_ends_with_the_same_lock_and_a_clean_tree(reproduced, tmp_path):
    reproduced.git("clone", "-q", str(reproduced.folder), str(tmp_path / "clone"))
    clone = Project(tmp_path / "clone")
    assert clone.repro()[0] == ALL
    assert clone.git("status", "--porcelain") == ""
    for name in ("data", "reports"):
        assert clone.bytes(name) == reproduced.bytes(name)


@pytest.mark.slow
def test_a_learning_rate_more_trains_only_the_new_cells(project):
    before, shuffled = project.stored(), project.bytes("data/shuffled")
    (project.folder / "conf" / "study" / "core.yaml").write_text(WIDER)
    ran, text = project.repro()
    assert "train@core" in ran and "shuffle" not in ran
    assert f"{CELLS} of {2 * CELLS} cells are stored, {CELLS} to train" in text
    assert {name: time for name, time in project.stored().items() if name in before} == before
    assert project.bytes("data/shuffled") == shuffled


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "old", "new", "again"),
    [
        ("conf/claims.yaml", "sentence: ", "sentence: Perhaps ", ["configure", "judge", "report"]),
        ("conf/engine/local.yaml", "workers: null", "workers: 1", ["configure"]),
        ("conf/norm/layer.yaml", "# Layer norm", "# The layer norm", ["configure"]),
        ("params.yaml", "engine: local", "data.mirror: /elsewhere\ndata.root: /there\nengine: local", ["configure"]),
        ("conf/data/digits.yaml", "licence: CC BY 4.0", "licence: CC BY", ["configure", "fetch", "shuffle", "report"]),
    ],
)
def test_what_trains_nothing_trains_nothing(project, name, old, new, again):
    project.edit(name, old, new)
    assert project.repro()[0] == again


@pytest.mark.slow
def test_a_killed_run_goes_on_where_it_stopped(reproduced, tmp_path):
    project = copied(tmp_path / "killed")
    project.edit("conf/engine/local.yaml", "workers: null", "workers: 1")
    command = [sys.executable, "-m", "normshift.train", "--root", "build/killed"]
    run = subprocess.Popen(command, cwd=project.folder, env=project.environment, start_new_session=True)
    while not project.stored() and run.poll() is None:
        time.sleep(0.01)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    finished = project.stored()
    assert not (project.folder / "build" / "killed" / "data" / "runs").exists()
    text = project.call(*command)
    assert 0 < int(re.search(r"(\d+) of \d+ cells are stored", text)[1]) < CELLS
    assert {name: time for name, time in project.stored().items() if name in finished} == finished
    assert project.bytes("build/killed/data/runs") == reproduced.bytes("data/runs")


@pytest.mark.slow
def test_a_smoke_run_changes_no_tracked_file_and_no_output(project):
    before = {name: project.bytes(name) for name in ("data", "reports")}
    project.call(sys.executable, "-m", "normshift.report", "--root", "build/smoke", "profile=full")
    assert project.git("status", "--porcelain") == ""
    assert {name: project.bytes(name) for name in before} == before
    assert project.bytes("build/smoke/data/verdicts") == project.bytes("data/verdicts")


@pytest.mark.slow
def test_weights_of_one_cell_can_be_had(project):
    choices = ["study=core", "norm=batch", "seed=0", "steps=20"]
    text = project.call(sys.executable, "-m", "normshift.train", *choices, "--weights", "net.npz")
    assert "1 cell, 20 cell-steps" in text
    weights = [value.size for value in records.arrays(project.folder / "net.npz").values() if value.ndim == 2]
    assert sum(weights) == 64 * 100 + 2 * 100 * 100 + 1000


@pytest.mark.slow
def test_corrupted_data_are_said_in_one_line(project):
    path = project.folder / "data" / "raw" / "images.npy"
    path.write_bytes(path.read_bytes()[:-1])
    before = project.bytes("data/shuffled")
    text = project.call(sys.executable, "-m", "normshift.shuffle", check=False)
    assert re.fullmatch(r"shuffle: data/raw is missing or corrupted .*\n", text)
    assert project.bytes("data/shuffled") == before


def drawn(number):
    """Two classes of 200 samples, one column apart."""
    draw = np.random.default_rng(number)
    labels = np.tile(["a", "b"], 200)
    inputs = draw.normal(size=(400, 3)) + (labels == "b")[:, None]
    return pd.DataFrame(inputs, columns=["x", "y", "z"]).assign(label=labels)


@pytest.mark.slow
def test_arrays_of_ones_own_are_trained_on_and_read_anew_each_time(project):
    (project.folder / "own").mkdir()
    drawn(0).to_csv(project.folder / "own" / "train.csv", index=False)
    command = [sys.executable, "-m", "normshift.cli"]
    project.call(*command, "data=folder", "data.path=own", "data.train=200", "data.heldout=40")
    page = (project.folder / "reports" / "index.html").read_text(encoding="utf-8")
    assert "arrays of one&#39;s own" in page and "3-100-100-100-2" in page
    before = project.bytes("data")
    assert "Running stage 'shuffle'" not in project.call(*command)
    drawn(1).to_csv(project.folder / "own" / "train.csv", index=False)
    assert "Running stage 'train@core'" in project.call(*command)
    assert project.bytes("data") != before


TINY = "{steps: 40, seeds: {judged: 1, tuning: 1}, keep: {lr: [0.03, 1.0]}, add: {}}\n"


@pytest.mark.slow
def test_every_study_is_trained_and_read_by_the_claims_that_need_it(tmp_path):
    for name in ("conf", "params.yaml", "dvc.yaml"):
        source = ROOT / name
        shutil.copytree(source, tmp_path / name) if source.is_dir() else shutil.copy(source, tmp_path)
    (tmp_path / "conf" / "profile" / "full.yaml").write_text(TINY)
    command = [sys.executable, "-m", "normshift.report", "--root", "build/tiny"]
    path = {"PYTHONPATH": str(ROOT / "src")}
    subprocess.run(command, cwd=tmp_path, env={**os.environ, **path}, check=True, stderr=subprocess.PIPE)
    summary = json.loads((tmp_path / "build" / "tiny" / "reports" / "summary.json").read_text(encoding="utf-8"))
    verdicts = json.loads((tmp_path / "build" / "tiny" / "data" / "verdicts" / "verdicts.json").read_text("utf-8"))
    assert len(summary["claims"]) == 30
    assert [name for name, claim in verdicts["claims"].items() if claim["reason"].startswith("needs")] == []
