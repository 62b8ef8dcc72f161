"""Finished outputs go to a DVC remote, a folder or S3, and a colleague's clone gets them without training."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests import s3
from tests.project import Project

PAGE = "reports/index.html"


def dvc(project: Project, *command: str, **environment: str) -> tuple[bool, str]:
    """Return whether a command of DVC went well, and what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "dvc", *command],
        cwd=project.folder,
        env={**project.environment, **environment},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return done.returncode == 0, done.stdout


def pushed(project: Project, url: str) -> None:
    """Set up a remote that every clone will know, and push to it."""
    assert dvc(project, "remote", "add", "-d", "shared", url)[0]
    assert dvc(project, "push")[0]
    project.git("commit", "-q", "-a", "-m", "remote")


def cloned(project: Project, folder: Path) -> Project:
    project.git("clone", "-q", str(project.folder), str(folder))
    return Project(folder)


def stored(project: Project, remote: Path, name: str) -> Path:
    """Where a folder remote keeps an output of the report: a file, or a folder's first file."""
    outs = yaml.safe_load((project.folder / "dvc.lock").read_text(encoding="utf-8"))["stages"]["report"]["outs"]
    (digest,) = [out["md5"] for out in outs if out["path"] == name]
    path = remote / "files" / "md5" / digest[:2] / digest[2:]
    return path if path.suffix != ".dir" else remote / "files" / "md5" / first(path)[:2] / first(path)[2:]


def first(listing: Path) -> str:
    return json.loads(listing.read_text(encoding="utf-8"))[0]["md5"]


@pytest.fixture
def cloud() -> Iterator[str]:
    """A place in a bucket of a server that is there for one test."""
    with s3.server():
        yield f"s3://{s3.bucket()}/normshift"


@pytest.fixture(params=["folder", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "remote") if request.param == "folder" else request.getfixturevalue("cloud")


@pytest.mark.slow
def test_a_clone_gets_the_page_and_every_output_and_trains_nothing(project, url, tmp_path):
    pushed(project, url)
    clone = cloned(project, tmp_path / "clone")
    assert not (clone.folder / PAGE).exists()
    assert dvc(clone, "pull")[0]
    for name in ("data", "reports"):
        assert clone.bytes(name) == project.bytes(name)
    assert (clone.folder / "build" / "config.json").read_bytes() == project.bytes("build")["config.json"]
    assert clone.repro()[0] == []
    assert project.stored() and not clone.stored()
    assert clone.git("status", "--porcelain") == ""


@pytest.mark.slow
def test_the_page_can_be_had_alone_and_the_rest_stage_by_stage(project, tmp_path):
    pushed(project, str(tmp_path / "remote"))
    clone = cloned(project, tmp_path / "clone")
    assert dvc(clone, "pull", PAGE)[0]
    assert clone.bytes("reports")["index.html"] == project.bytes("reports")["index.html"]
    assert not (clone.folder / "data").exists()
    fine, text = dvc(clone, "repro", "--pull")
    assert fine and "Running stage" not in text
    assert clone.bytes("data") == project.bytes("data") and not clone.stored()


@pytest.mark.slow
def test_a_remote_of_ones_own_stays_out_of_git(project, tmp_path):
    assert dvc(project, "remote", "add", "--local", "-d", "mine", str(tmp_path / "remote"))[0]
    assert dvc(project, "push")[0]
    assert project.git("status", "--porcelain") == ""
    fine, text = dvc(cloned(project, tmp_path / "clone"), "pull")
    assert not fine and "no default remote" in text


@pytest.mark.slow
@pytest.mark.parametrize(("name", "again"), [(PAGE, ["report"]), ("reports/figures", ["judge", "report"])])
def test_what_a_remote_has_lost_is_said_and_made_anew_without_training(project, name, again, tmp_path):
    pushed(project, str(tmp_path / "remote"))
    path = stored(project, tmp_path / "remote", name)
    path.unlink()
    clone = cloned(project, tmp_path / "clone")
    fine, text = dvc(clone, "pull")
    assert not fine and (name in text or path.parent.name + path.name in text)
    assert not (clone.folder / name).exists()
    assert clone.repro()[0] == again
    assert clone.bytes("reports") == project.bytes("reports") and not clone.stored()


@pytest.mark.slow
def test_spoiled_bytes_are_found_by_hashing_and_refused_by_a_remote_that_is_verified(project, tmp_path):
    pushed(project, str(tmp_path / "remote"))
    path = stored(project, tmp_path / "remote", PAGE)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    path.chmod(0o444)  # as DVC leaves it: what is read-only it trusts
    clone = cloned(project, tmp_path / "trusting")
    assert dvc(clone, "pull")[0] and dvc(clone, "status", "-q")[0]
    assert not dvc(clone, "status", "-q", DVC_SITE_CACHE_DIR=str(tmp_path / "empty"))[0]
    clone = cloned(project, tmp_path / "verifying")
    assert dvc(clone, "remote", "modify", "shared", "verify", "true")[0]
    fine, text = dvc(clone, "pull")
    assert not fine and PAGE in text
    assert not (clone.folder / PAGE).exists()


@pytest.mark.slow
def test_the_key_is_the_environments_and_without_it_nothing_is_put_in_place(project, cloud, tmp_path, monkeypatch):
    pushed(project, cloud)
    clone = cloned(project, tmp_path / "clone")
    written = (clone.folder / ".dvc" / "config").read_text(encoding="utf-8")
    assert cloud in written and os.environ["AWS_ACCESS_KEY_ID"] not in written
    assert os.environ["AWS_SECRET_ACCESS_KEY"] not in written
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    fine, text = dvc(clone, "pull")
    assert not fine and "Forbidden" in text
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    fine, text = dvc(clone, "pull")
    assert not fine and "Unable to locate credentials" in text
    assert not (clone.folder / PAGE).exists() and not (clone.folder / "data").exists()
