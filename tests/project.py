"""A checkout with a tiny study under DVC, and the commands people give in it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPIED = (
    "conf",
    "reports/others",
    "reports/reproductions",
    "src",
    "dvc.yaml",
    "params.yaml",
    ".dvcignore",
    ".gitignore",
)
STUDY = "grids: [{norm: [none, batch], lr: [0.1], order: [reshuffle], regime: [clean]}]\n"
WIDER = STUDY.replace("[0.1]", "[0.1, 0.3]")
PROFILE = "{steps: 100, seeds: {judged: 1, tuning: 1}, keep: {}, add: {}}\n"
CELLS = 4
ALL = ["configure", "fetch", "shuffle", "train@core", "measure@core", "judge", "report"]


class Project:
    """A checkout with a tiny study, and the commands people give in it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.sources = ROOT / "src"  # of the same content: what is compiled there is not compiled again

    def call(self, *command: str, check: bool = True) -> str:
        """Run a command as a person would; return what it printed."""
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert done.returncode == 0 or not check, done.stdout
        return done.stdout

    @property
    def environment(self) -> dict[str, str]:
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        own = {"PATH": path, "PYTHONPATH": str(self.sources), "DVC_SITE_CACHE_DIR": str(self.folder / "build")}
        author = {f"GIT_{who}_{what}": "a@b.c" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        return {**os.environ, **own, **author, "PYTHONWARNINGS": "default"}

    def repro(self) -> tuple[list[str], str]:
        """Reproduce; return the stages that ran, and what was printed."""
        text = self.call(sys.executable, "-m", "dvc", "repro")
        return re.findall(r"^Running stage '(.*)':", text, re.MULTILINE), text

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        if name.startswith("src/"):
            self.sources = self.folder / "src"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def git(self, *arguments: str) -> str:
        return self.call("git", *arguments)

    def bytes(self, name: str) -> dict[str, bytes]:
        files = sorted(path for path in (self.folder / name).rglob("*") if path.is_file())
        return {str(path.relative_to(self.folder / name)): path.read_bytes() for path in files}

    def stored(self) -> dict[str, int]:
        """When each finished cell was stored."""
        checksums = (self.folder / "build" / "cells").rglob("*.sha256")  # a cell's last file
        return {path.stem: path.with_suffix(".npz").stat().st_mtime_ns for path in checksums}


def copied(folder: Path) -> Project:
    """Return a checkout in an empty folder, with one tiny study; nothing is run yet."""
    folder.mkdir()
    for name in COPIED:
        source, ignored = ROOT / name, shutil.ignore_patterns("__pycache__")
        shutil.copytree(source, folder / name, ignore=ignored) if source.is_dir() else shutil.copy(source, folder)
    (folder / ".dvc").mkdir()
    for name in (".gitignore", "config"):
        shutil.copy(ROOT / ".dvc" / name, folder / ".dvc")
    shutil.copytree(ROOT / ".dvc" / "plots", folder / ".dvc" / "plots")
    choices = (folder / "params.yaml").read_text(encoding="utf-8")
    (folder / "params.yaml").write_text(re.sub(r"(?m)^studies: \[.*?\]", "studies: [core]", choices), encoding="utf-8")
    (folder / "conf" / "study" / "core.yaml").write_text(STUDY)
    (folder / "conf" / "profile" / "full.yaml").write_text(PROFILE)
    return Project(folder)
