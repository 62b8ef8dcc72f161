"""The command `normshift compare`: where it finds runs, what it prints and what it refuses."""

import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from normshift import compare, faults
from normshift.configure.sources import sources

ROOT = Path(__file__).parents[1]
CLAIM = {"verdict": "Supported", "effect": 0.5, "unit": "ln ratio", "seeds": 12}
BEFORE = {"registration": "a" * 64, "cells": 10, "claims": {"C1": CLAIM, "C2": CLAIM}}
AFTER = {**BEFORE, "claims": {"C1": {**CLAIM, "verdict": "Undecided"}, "C2": {**CLAIM, "effect": 0.6}}}


def git(*arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(checkout):
    """A checkout in git with two commits, each with a run's summary; the working directory."""
    git("init", "-q")
    (checkout / "reports").mkdir()
    for data in (BEFORE, AFTER):
        (checkout / "reports" / "summary.json").write_text(json.dumps(data), encoding="utf-8")
        git("add", "-A")
        git("commit", "-qm", "a run")
    return checkout


def printed(capsys, *arguments: str) -> list[str]:
    assert faults.guarded(lambda: compare.command(list(arguments))) == 0
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("name", ["HEAD~1", "before/summary.json", "before", "run"])
def test_a_run_is_a_file_a_folder_or_a_revision(repository, capsys, name):
    for path in ("before", "run/reports"):
        (repository / path).mkdir(parents=True)
        (repository / path / "summary.json").write_text(json.dumps(BEFORE), encoding="utf-8")
    assert compare.summary(name) == BEFORE and compare.summary(".") == compare.summary("HEAD") == AFTER
    first, second, *_, tally = printed(capsys, name, ".")
    assert (first, second, tally) == (f"A: {name}", "B: .", "1 verdict changed, 1 the same.")


def test_a_revision_is_found_from_below_the_root(repository, monkeypatch):
    monkeypatch.chdir(repository / "conf")
    assert compare.summary("HEAD~1") == BEFORE


def test_a_checkout_may_lie_inside_another_repository(checkout, monkeypatch):
    inner = checkout / "inner"
    (inner / "reports").mkdir(parents=True)
    (inner / "dvc.yaml").touch()
    (inner / "reports" / "summary.json").write_text(json.dumps(BEFORE), encoding="utf-8")
    monkeypatch.chdir(inner)
    git("init", "-q", "..")
    git("add", "reports")
    git("commit", "-qm", "a run")
    assert compare.summary("HEAD") == BEFORE


def test_plain_text_has_a_line_a_claim_with_columns_parted_by_tabs(repository, capsys):
    claims = sources(repository).claims["claims"]
    found = [line.split("\t") for line in printed(capsys, "HEAD~1", "HEAD", "--all") if "\t" in line]
    assert found == [
        list(compare.COLUMNS),
        ["C1", "Supported", "Undecided", "×1.65 (ln 0.500)", "×1.65 (ln 0.500)", claims["C1"]["sentence"]],
        ["C2", "Supported", "Supported", "×1.65 (ln 0.500)", "×1.82 (ln 0.600)", claims["C2"]["sentence"]],
    ]
    assert [line.split("\t")[0] for line in printed(capsys, "HEAD~1", "HEAD") if "\t" in line] == ["claim", "C1"]
    assert [line for line in printed(capsys, "HEAD", "HEAD") if "\t" in line] == []


def test_outside_a_checkout_claims_go_without_their_sentences(tmp_path, monkeypatch, capsys):
    (tmp_path / "summary.json").write_text(json.dumps(BEFORE), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert printed(capsys, "summary.json", ".", "--all")[3].endswith("(ln 0.500)\t")


def test_the_page_is_written_where_it_is_asked_for(repository, capsys):
    assert printed(capsys, "HEAD~1", "HEAD", "--page", "build.html")[-1] == "page: build.html"
    html = (repository / "build.html").read_text(encoding="utf-8")
    assert "HEAD~1" in html and "1 verdict changed" in html


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["HEAD", "nowhere"], "nowhere: no such file or folder, and no git revision with reports/summary.json"),
        (["conf", "HEAD"], "conf: holds neither summary.json nor reports/summary.json"),
        (["params.yaml", "HEAD"], "params.yaml: cannot be read as a summary"),
        (["list.json", "HEAD"], "list.json: is not the summary of a run"),
        (["half.json", "HEAD"], "half.json: is not the summary of a run"),
        (["word.json", "HEAD"], "word.json: is not the summary of a run"),
        (["deep.json", "HEAD"], "deep.json: cannot be read as a summary"),
        (["effect.json", "HEAD"], "effect.json: is not the summary of a run"),
        (["run.json", "HEAD"], "run.json: is not the summary of a run"),
        (["cells.json", "HEAD"], "cells.json: is not the summary of a run"),
        (["--", "--output=written", "HEAD"], "--output=written: no such file or folder, and no git revision"),
        (["HEAD"], "the following arguments are required: B; see --help"),
        (["HEAD", "HEAD", "--page", "nowhere/page.html"], "[Errno 2] No such file or directory"),
    ],
)
def test_bad_input_is_one_line(repository, capsys, arguments, line):
    (repository / "list.json").write_text("[]", encoding="utf-8")
    (repository / "half.json").write_text(json.dumps({**BEFORE, "claims": {"C1": {}}}), encoding="utf-8")
    odd = {**BEFORE, "claims": {"C1": {**CLAIM, "verdict": "Perhaps"}}}
    (repository / "word.json").write_text(json.dumps(odd), encoding="utf-8")
    wrong = {**BEFORE, "claims": {"C1": {**CLAIM, "effect": "large"}}}
    for name, data in (("effect", wrong), ("run", {**BEFORE, "run": {}}), ("cells", {**BEFORE, "cells": [1]})):
        (repository / f"{name}.json").write_text(json.dumps(data), encoding="utf-8")
    (repository / "deep.json").write_text("[" * 100_000, encoding="utf-8")
    assert faults.guarded(lambda: compare.command(arguments), "normshift compare") == 1
    (only,) = capsys.readouterr().err.splitlines()
    assert only.startswith(f"normshift compare: {line}")


def test_the_command_itself_compares_and_says_how(repository):
    path = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "normshift.cli", "compare"]
    done = subprocess.run([*command, "HEAD~1", "HEAD"], env=path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "1 verdict changed, 1 the same." and done.stderr == ""
    told = subprocess.run([*command, "--help"], env=path, capture_output=True, text=True, check=True)
    assert "git revision" in told.stdout
    general = subprocess.run([*command[:-1], "--help"], env=path, capture_output=True, text=True, check=True)
    assert "normshift compare" in general.stdout


def test_a_terminal_gets_a_table_of_words_and_icons(repository):
    main, other = pty.openpty()
    path = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "100", "TERM": "xterm"}
    command = [sys.executable, "-m", "normshift.cli", "compare", "HEAD~1", "HEAD"]
    done = subprocess.run(command, env=path, stdout=other, check=True)
    os.close(other)
    text = b""
    with io.FileIO(main) as terminal:
        while (read := _read(terminal)) is not None:
            text += read
    assert done.returncode == 0
    assert "✓ Supported" in text.decode() and "? Undecided" in text.decode() and "┃" in text.decode()


def _read(terminal: io.FileIO) -> bytes | None:
    try:
        return terminal.read(4096) or None
    except OSError:  # Linux says so where the other end is closed
        return None
