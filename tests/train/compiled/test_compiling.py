"""What is compiled is kept, and not taken up again when the sources have changed."""

import subprocess
import sys
from pathlib import Path

from normshift.train.compiled import compiling

PROGRAM = """
from pathlib import Path
from normshift.train.compiled import compiling
compiling.HERE = Path({here!r})
import sys
sys.path.insert(0, {here!r})
from outer import door
print(door(1.0))
"""
OUTER = """
from normshift.train.compiled.compiling import entry
from inner import step

@entry
def door(x):
    return step(x)
"""
INNER = """
from normshift.train.compiled.compiling import looped

@looped
def step(x):
    return x + {}
"""


def test_a_change_of_an_inner_function_in_another_file_is_seen(tmp_path: Path):
    (tmp_path / "outer.py").write_text(OUTER)
    said = []
    for number in (1, 1, 2):
        (tmp_path / "inner.py").write_text(INNER.format(number))
        ran = subprocess.run(
            [sys.executable, "-B", "-c", PROGRAM.format(here=str(tmp_path))], capture_output=True, text=True, check=True
        )
        said.append(ran.stdout.strip())
    assert said == ["2.0", "2.0", "3.0"]
    assert len(list((tmp_path / "__pycache__").iterdir())) == 2


def test_where_nothing_can_be_kept_nothing_old_is_taken_up(tmp_path: Path):
    (tmp_path / "outer.py").write_text(OUTER)
    (tmp_path / "__pycache__").write_text("in the way")
    said = []
    for number in (1, 2):
        (tmp_path / "inner.py").write_text(INNER.format(number))
        ran = subprocess.run(
            [sys.executable, "-B", "-c", PROGRAM.format(here=str(tmp_path))], capture_output=True, text=True, check=True
        )
        said.append(ran.stdout.strip())
    assert said == ["2.0", "3.0"]


def test_the_digest_covers_every_source(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(compiling, "HERE", tmp_path)
    seen = set()
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text("x = 1\n")
        seen.add(compiling.sources())
    assert len(seen) == 2
