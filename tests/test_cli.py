"""The `normshift` command: what it prints, what it changes, and what it leaves alone."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml

from normshift import faults, reproduce
from normshift.params import Refused

ROOT = Path(__file__).parents[1]
CHOICES = "profile, data, studies, model, optimizer, schedule, batch_size, steps, engine, seeds, train"
BAD = {
    "lr=0.3": f"lr=0.3: unknown key; allowed: {CHOICES}; studies vary it: `python -m normshift.train study=core lr",
    "model.depth=2": "model.depth=2: unknown key",
    "unknown=1": f"unknown=1: unknown key; allowed: {CHOICES}",
    "+unknown=1": "+unknown=1: must be KEY=VALUE",
    "steps=many": "steps=many: must be a whole number from 1",
    "steps=1.5": "steps=1.5: must be a whole number from 1",
    "seeds.judged=0": "seeds.judged=0: must be a whole number from 1 to 1000",
    "seeds={judged: 0}": "seeds.judged=0: must be a whole number from 1 to 1000",
    "seeds=0": "seeds=0: must be a mapping of judged, root, tuning",
    "batch_size=2000": "batch_size=2000: must be at most data.train=1197",
    "model=foo": "model=foo: must be one of deep_linear,",
    "data.heldout=0": "data.heldout=0: must be a whole number from 1",
    "data.inputs=black": "data.inputs=black: must be text that is one of standardised, channels, grey, binary",
    "data.path=mine": "data.path=mine: Could not override 'data.path'",
    "data.files=[]": "data.files=[]: unknown key; ",
    "data.kind=idx": "data.kind=idx: unknown key",
    "data=folder": "data.path: missing: data=folder needs data.path=FOLDER",
    "studies=[]": "studies=[]: must be a list with at least one of",
    "studies=[foo]": "studies=foo: must be one of",
    "--foo": "unrecognized arguments: --foo",
}


@pytest.fixture
def repository(checkout, monkeypatch):
    """A checkout in git, in which reproducing only notes that it was asked for."""
    (checkout / ".git").mkdir()
    monkeypatch.setattr(reproduce, "_reproduce", lambda root, own: (root / "reproduced").write_text(str(own)))
    return checkout


def state(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(capsys, *arguments: str) -> list[str]:
    assert faults.guarded(lambda: reproduce.command(list(arguments))) == 1
    return capsys.readouterr().err.splitlines()


@pytest.mark.parametrize(("text", "line"), BAD.items())
def test_bad_input_gets_one_line_and_changes_nothing(repository, capsys, text, line):
    before = state(repository)
    (only,) = refused(capsys, text, "seeds.root=5")
    assert only.startswith(f"normshift: {line}")
    assert state(repository) == before


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_a_device_that_is_not_there_changes_nothing(repository, capsys):
    (repository / "data" / "runs" / "old").mkdir(parents=True)
    before = state(repository)
    (only,) = refused(capsys, "train.device=cuda")
    assert only.startswith("normshift: train.device=cuda: no CUDA device")
    assert state(repository) == before and (repository / "data" / "runs" / "old").is_dir()


def test_all_faults_are_listed_at_once(repository, capsys):
    lines = refused(capsys, "lr=1", "seeds.judged=0", "model=foo", "studies=[foo]", "+x=1")
    assert sorted(line.split()[1].partition("=")[0] for line in lines) == [
        "+x",
        "lr",
        "model",
        "seeds.judged",
        "studies",
    ]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("norm: [none, batch, frozen]", "norm: [none, batchh]", "norm=batchh: must be one of batch, batch_renorm, "),
        ("lr: [0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0]", "lr: []", "lr=[]: empty grid"),
    ],
)
def test_a_bad_study_changes_nothing(repository, capsys, old, new, fault):
    study = repository / "conf" / "study" / "core.yaml"
    study.write_text(study.read_text().replace(old, new, 1))
    before = state(repository)
    (only,) = refused(capsys, "seeds.root=5")
    assert fault in only
    assert state(repository) == before


def test_a_choice_is_written_then_reproduced(repository):
    before = yaml.safe_load((repository / "params.yaml").read_text())
    reproduce.command(["seeds.judged=3", "studies=[core]", "profile=smoke"])
    after = yaml.safe_load((repository / "params.yaml").read_text())
    assert after == {**before, "profile": "smoke", "seeds": {**before["seeds"], "judged": 3}}
    assert (repository / "reproduced").exists()


def choices(repository):
    return yaml.safe_load((repository / "params.yaml").read_text())


def test_options_of_the_data_set_are_written_and_used(repository, capsys):
    before = choices(repository)
    reproduce.command(["data=mnist", "data.inputs=binary", "data.mirror=/media/sets"])
    added = {"data": "mnist", "data.inputs": "binary", "data.mirror": "/media/sets"}
    assert choices(repository) == before | added and (repository / "reproduced").read_text() == "False"
    reproduce.command(["data.train=60000", "data.inputs=grey"])
    assert choices(repository) == before | added | {"data.train": 60000, "data.inputs": "grey"}
    capsys.readouterr()
    reproduce.command(["--cfg"])
    data = json.loads(capsys.readouterr().out)["data"]
    assert (data["name"], data["inputs"], data["train"], data["mirror"]) == ("mnist", "grey", 60000, "/media/sets")


def test_a_data_set_chosen_anew_comes_with_its_own_options(repository):
    before = choices(repository)
    reproduce.command(["data=mnist", "data.inputs=binary", "data.train=60000", "data.root=/media/sets"])
    reproduce.command(["data=digits", "data.heldout=100"])
    assert choices(repository) == before | {"data.root": "/media/sets", "data.heldout": 100}


def test_arrays_of_ones_own_are_read_anew_each_time(repository):
    reproduce.command(["data=folder", "data.path=/mine"])
    assert (repository / "reproduced").read_text() == "True"


def test_own_files_are_fetched_before_the_rest_is_reproduced(checkout, monkeypatch, capsys):
    calls = []
    done = subprocess.CompletedProcess([], 0)
    monkeypatch.setattr(subprocess, "run", lambda command, **_: calls.append(command[3:]) or done)
    reproduce._reproduce(checkout, own=True)
    assert calls == [["repro", "--force", "fetch"], ["repro"]]


def test_what_left_the_list_is_pruned(repository):
    for folder in ("runs/core", "runs/old", "shifts/old"):
        (repository / "data" / folder).mkdir(parents=True)
    stages = {"train@core": {"cmd": "a"}, "train@old": {"cmd": "b"}, "measure@old": {"cmd": "c"}, "judge": {"cmd": "d"}}
    (repository / "dvc.lock").write_text(yaml.safe_dump({"schema": "2.0", "stages": stages}, sort_keys=False))
    reproduce.command([])
    assert [path.name for path in sorted((repository / "data").glob("*/*"))] == ["core"]
    assert list(yaml.safe_load((repository / "dvc.lock").read_text())["stages"]) == ["train@core", "judge"]


def test_dry_says_what_would_happen_and_changes_nothing(repository, caplog):
    (repository / "data" / "runs" / "old").mkdir(parents=True)
    caplog.set_level("INFO", "normshift")
    before = state(repository)
    reproduce.command(["seeds.judged=24", "--dry"])
    assert state(repository) == before and (repository / "data" / "runs" / "old").exists()
    assert caplog.messages[0].startswith("core: 2,016 cells, 2,016,000 cell-steps, about ")
    assert re.fullmatch(
        r"engine local: \d+ workers?, 4 GiB together; finished cells in build/cells", caplog.messages[1]
    )
    assert caplog.messages[2:] == ["would change: params.yaml", "would remove: data/runs/old"]
    reproduce.command(["seeds.judged=24", "--dry-run"])
    assert state(repository) == before and caplog.messages[4:] == caplog.messages[:4]


def test_options_of_the_engine_are_written_and_used(repository, caplog):
    caplog.set_level("INFO", "normshift")
    before = choices(repository)
    reproduce.command(["engine=dask", "engine.address=tcp://127.0.0.1:8786", "engine.workers=8", "engine.store=/cells"])
    own = {"engine.address": "tcp://127.0.0.1:8786", "engine.workers": 8, "engine.store": "/cells"}
    assert choices(repository) == before | {"engine": "dask"} | own
    assert "engine dask: 8 workers of tcp://127.0.0.1:8786, 4 GiB each; finished cells in /cells" in caplog.messages
    reproduce.command(["engine=local"])
    assert choices(repository) == before | {"engine.store": "/cells"}


def test_cfg_prints_the_resolved_configuration_and_changes_nothing(repository, capsys):
    before = state(repository)
    reproduce.command(["seeds.judged=2", "--cfg"])
    assert yaml.safe_load(capsys.readouterr().out)["studies"]["core"]["seeds"]["judged"] == [0, 1]
    assert state(repository) == before


def test_help_lists_every_group_and_its_options(repository, capsys):
    with pytest.raises(SystemExit, match="0"):
        reproduce.command(["--help"])
    text = capsys.readouterr().out
    for path in (ROOT / "conf").glob("*/*.yaml"):
        (line,) = [line for line in text.splitlines() if line.startswith(f"  {path.parent.name}:")]
        assert path.stem in line


def test_without_git_one_line_says_what_to_do(checkout, capsys):
    before = state(checkout)
    (line,) = refused(capsys, "seeds.root=5")
    assert "no git repository" in line and "git init" in line
    assert state(checkout) == before


def test_dvc_may_be_told_that_there_is_no_git(checkout):
    (checkout / ".dvc").mkdir()
    (checkout / ".dvc" / "config.local").write_text("[core]\n    no_scm = true\n")
    reproduce.command(["seeds.root=5", "--dry"])


def test_outside_a_checkout_one_line_says_where_to_go(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (line,) = refused(capsys, "seeds.root=5")
    assert line.startswith("normshift: no dvc.yaml in ")


def test_a_failed_reproduction_is_said(checkout, monkeypatch):
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 255))
    with pytest.raises(Refused, match="dvc repro failed"):
        reproduce._reproduce(checkout)


def test_the_stages_python_is_the_commands(checkout, monkeypatch, capsys):
    called = {}
    monkeypatch.setattr(
        subprocess,
        "run",
        lambda command, **more: called.update(more, command=command) or subprocess.CompletedProcess([], 0),
    )
    reproduce._reproduce(checkout)
    assert called["command"] == [sys.executable, "-m", "dvc", "repro"]
    assert shutil.which("python", path=called["env"]["PATH"]).startswith(str(Path(sys.executable).parent))
    assert capsys.readouterr().out.splitlines()[-1] == f"report: {checkout / 'reports' / 'index.html'}"


def test_the_command_itself_ends_with_one_line_and_no_traceback(repository):
    command = [sys.executable, "-m", "normshift.cli", "steps=0"]
    path = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, env=path, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr == "normshift: steps=0: must be a whole number from 1 to 1e+07\n"
