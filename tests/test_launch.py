"""How a stage is started; the stages themselves are stood in for by functions that note how they were called."""

import errno
import json
import os
import sys
from pathlib import Path

import pytest

from normshift import faults, launch
from normshift.configure.__main__ import run as write_config
from normshift.folders import Folders
from normshift.grid import planned
from normshift.params import Refused


@pytest.fixture
def start(checkout, monkeypatch, capsys):
    """Start a stage as the command line does; return the exit code, the lines on stderr, and the calls."""

    def started(stage: str, *arguments: str, work=None):
        calls = []
        monkeypatch.setattr(sys, "argv", ["stage", *arguments])
        monkeypatch.setattr(launch, "_work", lambda name: lambda *call, **more: calls.append((name, call, more)))
        own = work or (lambda *call, **more: calls.append((stage, call, more)))
        with pytest.raises(SystemExit) as stopped:
            launch.main(stage, write_config if stage == "configure" else own)
        return stopped.value.code, capsys.readouterr().err.splitlines(), calls

    return started


def test_configure_writes_the_configuration_that_the_others_read(start, caplog):
    code, lines, _ = start("configure")
    assert (code, lines, caplog.messages) == (0, [], ["configure: build/config.json"])
    assert list(launch.load(Folders()).studies) == ["core"]


def test_dvcs_call_works_on_the_root(start, caplog):
    start("configure")
    code, _, ((stage, (config, folders, study), more),) = start("train", "study=core")
    assert (code, stage, folders, study, more) == (0, "train", Folders(), "core", {})
    assert caplog.messages[1].startswith("core: ") and caplog.messages[-1] == "train core: data/runs/core"


def test_without_a_study_every_study_is_trained(start):
    start("configure")
    assert [call[2] for _, call, _ in start("train")[2]] == ["core"]


def test_an_unknown_study_is_answered_with_the_list(start):
    start("configure")
    assert start("train", "study=foo")[:2] == (1, ["train: study=foo: must be one of core"])


def test_overrides_never_touch_dvcs_outputs(start, checkout, caplog):
    code, _, calls = start("measure", "study=core", "norm=batch", "lr=0.25", "seed=0", "profile=smoke")
    assert code == 0 and caplog.messages[-1] == "measure core: build/single/data/shifts/core"
    assert [name for name, _, _ in calls] == ["configure", "fetch", "shuffle", "train", "measure"]
    assert {folders.root for _, (_, folders, _), _ in calls} == {Path("build/single")}
    config = calls[-1][1][0]
    assert {point.cell.lr for point in planned(config.studies["core"])} == {0.25}
    assert {path.name for path in checkout.iterdir()} == {"conf", "dvc.yaml", "params.yaml"}


def test_what_an_earlier_single_run_left_is_removed(start, checkout):
    old = checkout / "build" / "single" / "data" / "runs" / "core" / "old.npz"
    old.parent.mkdir(parents=True)
    old.touch()
    start("train", "lr=0.1")
    assert not old.exists()


@pytest.mark.parametrize("root", [".", "..", "/", "data", "data/raw", "reports", "src/x", "conf", ".dvc/tmp", ".git"])
def test_a_run_of_ones_own_needs_a_folder_of_its_own(start, root):
    code, (line,), calls = start("fetch", "--root", root)
    assert code == 1 and "must be a folder of its own" in line and not calls


def test_a_root_is_relative_to_where_the_command_was_called(start, checkout, monkeypatch):
    monkeypatch.chdir(checkout / "conf")
    assert start("fetch", "--root", "../mine")[2][0][1][1] == Folders(checkout / "mine")
    monkeypatch.chdir(checkout / "conf")
    assert start("fetch", "--root", "norm")[0] == 1


def test_weights_are_kept_of_exactly_one_cell(start, checkout, caplog):
    choices = ["study=core", "norm=batch", "lr=0.3", "order=sorted", "regime=clean"]
    code, (line,), calls = start("train", *choices, "--weights", "net.pt", "seeds.judged=2", "seeds.tuning=1")
    assert code == 1 and not calls
    assert line == "train: --weights: needs exactly one cell, these are 3: fix seed (0, 1, 1000)"
    code, _, calls = start("train", *choices, "seed=0", "--weights", "net.pt")
    assert code == 0 and calls[-1][2] == {"weights": checkout / "net.pt"}
    assert caplog.messages[-1] == f"weights: {checkout / 'net.pt'}"


@pytest.mark.parametrize("arguments", [["--foo"], ["--weights", "x"], ["lr=-1", "norm=foo"]])
def test_bad_input_changes_nothing(start, checkout, arguments):
    before = sorted(checkout.rglob("*"))
    code, lines, calls = start("fetch", *arguments)
    assert code == 1 and not calls and sorted(checkout.rglob("*")) == before
    assert all(line.startswith("fetch: ") for line in lines)


def test_help_is_there(start, capsys):
    with pytest.raises(SystemExit) as stopped:
        sys.exit(faults.guarded(lambda: launch._parser("train").parse_args(["--help"])))
    assert stopped.value.code == 0
    assert "study=core norm=batch" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (None, "is missing: run"),
        ('{"a": [', "cannot be read"),
        ('{"data": 1}', ": claims: missing"),
        ("[]", "must be a mapping"),
        ("", "cannot be read"),
    ],
)
def test_a_broken_configuration_is_said(start, checkout, text, fault):
    if text is not None:
        (checkout / "build").mkdir()
        (checkout / "build" / "config.json").write_text(text)
    code, lines, calls = start("fetch")
    assert code == 1 and not calls and fault in lines[0]


def test_outside_a_checkout_one_line_says_where_to_go(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["stage"])
    with pytest.raises(SystemExit, match="1"):
        launch.main("fetch", lambda *call: None)
    assert "run this inside a checkout" in capsys.readouterr().err


def raising(error: BaseException):
    def work(*_):
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "code", "lines"),
    [
        (Refused(["a", "b"]), 1, ["fetch: a", "fetch: b"]),
        (ValueError("two\nlines"), 1, ["fetch: two; lines"]),
        (
            PermissionError(errno.EACCES, "Permission denied", "data"),
            1,
            ["fetch: [Errno 13] Permission denied: 'data'"],
        ),
        (KeyboardInterrupt(), 130, ["fetch: interrupted; the same command goes on where it stopped"]),
    ],
)
def test_what_people_can_mend_is_said_in_one_line(start, error, code, lines):
    start("configure")
    assert start("fetch", work=raising(error))[:2] == (code, lines)


def test_a_mistake_of_ours_keeps_its_traceback(start):
    start("configure")
    with pytest.raises(KeyError):
        start("fetch", work=raising(KeyError("ours")))


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), OSError("7 requested and 0 written")]
)
def test_a_full_disk_is_said_with_the_place(start, error):
    start("configure")
    full = "no space left on the disk while writing data/raw: free some and run the same command again"
    assert start("fetch", work=raising(error))[:2] == (1, [f"fetch: {full}"])


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_disk_that_is_really_full_is_said(start, checkout):
    (checkout / "build").mkdir()
    (checkout / "build" / "config.json").symlink_to("/dev/full")
    code, (line,), _ = start("configure")
    assert code == 1 and "no space left on the disk while writing build/config.json" in line


def test_an_unknown_log_level_is_refused(start, monkeypatch):
    monkeypatch.setenv("NORMSHIFT_LOG", "loud")
    assert start("configure")[1][0].startswith("configure: NORMSHIFT_LOG=LOUD: must be one of")


def test_the_configuration_of_a_single_run_is_valid(start, checkout, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["stage", "lr=0.25"])
    with pytest.raises(SystemExit, match="0"):
        launch.main("configure", write_config)
    written = json.loads((checkout / "build" / "single" / "build" / "config.json").read_text())
    assert [grid["lr"] for grid in written["studies"]["core"]["grids"]] == [[0.25], [0.25]]
