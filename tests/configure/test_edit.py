from pathlib import Path

import pytest
from omegaconf import OmegaConf

from normshift.configure.edit import edited, pruned
from normshift.configure.overrides import flattened, parsed

PARAMS = (Path(__file__).parents[2] / "params.yaml").read_text(encoding="utf-8")
KEYS = ["profile", "data", "studies", "steps", "seeds.judged", "seeds.root", "train.program"]
LOCK = """schema: '2.0'
stages:
  configure:
    cmd: python -m normshift.configure
    deps:
    - path: conf
      hash: md5
      md5: 8d0ee3a2a0b5a5ba0d3a5a7c3d8a2b9d.dir
      size: 9
      nfiles: 1
    params:
      build/config.json:
        lr: 1e-05
        steps:
        flag: true
  train@core:
    cmd: python -m normshift.train study=core
  train@old:
    cmd: python -m normshift.train study=old
  measure@old:
    cmd: python -m normshift.measure study=old
"""


def changed(*texts: str) -> list[tuple[str, str]]:
    overrides, faults = parsed(texts, KEYS)
    assert not faults
    pairs = zip(PARAMS.splitlines(), edited(PARAMS, overrides).splitlines(), strict=True)
    return [(old, new) for old, new in pairs if old != new]


def test_nothing_moves_without_overrides():
    assert edited(PARAMS, []) == PARAMS


STUDIES = ",".join(OmegaConf.create(PARAMS).studies)


@pytest.mark.parametrize("text", ["steps=null", f"studies=[{STUDIES}]", "seeds.root=0", "data=digits"])
def test_nothing_moves_when_the_choice_is_the_same(text):
    assert changed(text) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("studies=[core,ladder]", "studies: [core, ladder]"),
        ("seeds.judged=24", "judged: 24"),
        ("steps=200", "steps: 200"),
        ("train.program=serial", "program: serial"),
    ],
)
def test_only_the_line_of_the_choice_changes_and_keeps_its_comment(text, line):
    ((old, new),) = changed(text)
    assert new.strip().startswith(line)
    assert new.split("#")[1] == old.split("#")[1]


def test_flattening_the_edited_file_gives_the_override_back():
    overrides, _ = parsed(["seeds.judged=24"], KEYS)
    assert "seeds.judged=24" in flattened(OmegaConf.create(edited(PARAMS, overrides)))


def test_the_lock_loses_only_studies_that_left():
    assert pruned(LOCK, ["core", "old"]) == LOCK
    left = pruned(LOCK, ["core"])
    assert left == LOCK[: LOCK.index("  train@old")]


def test_an_option_of_a_group_that_is_chosen_by_name_is_a_line_at_the_end():
    overrides, faults = parsed(
        ["data=mnist", "data.inputs=binary", "data.shape=[1,2]"], [*KEYS, "data.inputs", "data.shape"]
    )
    text = edited(PARAMS, overrides)
    assert not faults and text == edited(PARAMS, overrides[:1]) + "data.inputs: binary\ndata.shape: [1, 2]\n"


def test_choosing_a_group_drops_its_options_but_where_files_are():
    overrides, _ = parsed(["data=kmnist", "data.train=9"], [*KEYS, "data.train"])
    before = PARAMS + "data.inputs: grey\ndata.train: 5\ndata.root: /kept\n"
    assert edited(before, overrides) == edited(PARAMS, overrides[:1]) + "data.root: /kept\ndata.train: 9\n"
