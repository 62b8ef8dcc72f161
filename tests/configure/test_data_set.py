import dataclasses
from pathlib import Path

import pytest

from normshift.configure.data_set import data_faults
from normshift.configure.resolve import resolved
from normshift.configure.sources import sources
from normshift.params import Data, File, Refused, typed

ROOT = Path(__file__).parents[2]
FILE = File("a.gz", 1, "0" * 64)


@pytest.mark.parametrize(
    ("kind", "own", "lines"),
    [
        ("folder", {}, ["data.path: missing: data=made needs data.path=FOLDER, with"]),
        ("openml", {}, ["data.id: missing"]),
        ("gaussian", {"samples": 9}, ["data.separation: missing", "data.classes: missing", "data.shape: missing"]),
        ("idx", {"files": {"train_images": FILE}}, ["data.files.train_labels: missing from conf/data/made.yaml"]),
        (
            "idx",
            {"files": dict.fromkeys(["train_images", "train_labels", "test_images"], FILE)},
            ["data.files.test_labels: missing"],
        ),
        ("cifar_binary", {}, ["data.files.archive: missing"]),
        ("idx", {"files": dict.fromkeys(["train_images", "train_labels"], FILE)}, []),
        ("digits", {}, []),
    ],
)
def test_what_a_reader_needs_is_asked_for(kind, own, lines):
    found = list(data_faults(Data("made", kind, 1, 1, **own)))
    assert len(found) == len(lines) and all(line.startswith(start) for line, start in zip(found, lines, strict=True))


def test_it_is_asked_for_before_anything_is_changed():
    with pytest.raises(Refused, match="data.path: missing"):
        resolved(sources(ROOT), ["data=folder"])


GOOD = {"name": "made", "kind": "idx", "train": 1, "heldout": 1}


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"kind": "pickle"}, "kind=pickle: must be text that is one of cifar_binary, digits, folder"),
        ({"inputs": "black"}, "inputs=black: must be text that is one of standardised, channels, grey, binary"),
        ({"split": "half"}, "split=half: must be text that is one of pooled, official"),
        ({"shape": [1, 0]}, "shape.1=0: must be a whole number from 1"),
        ({"mirrors": ["ftp://x/"]}, "mirrors.0=ftp://x/: must be text that is an http.s. address that ends in /"),
        ({"mirrors": ["https://x"]}, "mirrors.0=https://x: must be"),
        ({"files": {"a": {"name": "../a", "bytes": 1, "sha256": "0" * 64}}}, "files.a.name=../a: must be"),
        ({"files": {"a": {"name": "a", "bytes": 1, "sha256": "0"}}}, "sha256=0: must be text that is 64 hexadecimal"),
        ({"files": {"a": {"name": "a", "sha256": "0" * 64}}}, "files.a.bytes: missing"),
        ({"md5": "0"}, "md5=0: unknown key; allowed: name, kind"),
    ],
)
def test_a_bad_value_gets_one_line(own, said):
    with pytest.raises(Refused, match=said) as caught:
        typed(Data, GOOD | own)
    assert len(caught.value.lines) == 1


def test_a_data_set_s_options_can_be_set_one_by_one():
    config = resolved(
        sources(ROOT), ["data=mnist", "data.inputs=binary", "data.train=60000", "data.split=official", "studies=[core]"]
    )
    assert dataclasses.astuple(config.data)[:6] == ("mnist", "idx", 60000, 200, "official", "binary")
