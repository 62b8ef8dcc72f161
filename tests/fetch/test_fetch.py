import hashlib
import json
from types import SimpleNamespace

import numpy as np
import pytest

from normshift.fetch import __main__ as fetch
from normshift.fetch import readers, stage
from normshift.fetch.raw import Raw
from normshift.folders import Folders
from normshift.params import Data
from tests.fetch import made_up

DATA = Data("made", "made", 4, 2)
IMAGES = np.arange(12, dtype=np.float32).reshape(6, 2)
LABELS = np.array([0, 1, 1, 0, 2, 2])


@pytest.fixture
def serve(monkeypatch):
    def serve(images, labels, **more):
        raw = Raw(images, labels, "CC0", "nobody", **more)
        monkeypatch.setitem(readers.REGISTRY, "made", lambda data, files, cache: raw)

    return serve


def read(folder):
    return {path.name: path.read_bytes() for path in (folder / "data" / "raw").iterdir()}


def test_source_describes_the_arrays_beside_it(serve, tmp_path):
    serve(IMAGES, LABELS)
    fetch.run(SimpleNamespace(data=DATA), Folders(tmp_path))
    raw = tmp_path / "data" / "raw"
    source = json.loads((raw / "source.json").read_text())
    assert source["name"] == "made" and source["classes"] == [2, 2, 2]
    assert (source["samples"], source["inputs"]) == (6, 2)
    assert (source["licence"], source["citation"]) == ("CC0", "nobody")
    assert not {"shape", "official_test", "files"} & set(source)
    for name, array in (("images", IMAGES), ("labels", LABELS)):
        stored = np.load(raw / f"{name}.npy")
        np.testing.assert_array_equal(stored, array)
        assert stored.dtype == array.dtype
        assert source["sha256"][name] == hashlib.sha256(array.tobytes()).hexdigest()


def test_source_states_shape_test_set_and_files_where_there_are_any(tmp_path):
    data = made_up.data(mirror=str(made_up.on_disk(tmp_path / "mirror")), root=str(tmp_path / "cache"))
    fetch.run(SimpleNamespace(data=data), Folders(tmp_path))
    source = json.loads(read(tmp_path)["source.json"])
    assert (source["shape"], source["official_test"], source["inputs"]) == ([1, 5, 4], 30, 20)
    assert source["files"] == {file.name: file.sha256 for file in data.files.values()}
    assert str(tmp_path) not in json.dumps(source)


def test_where_a_set_came_from_changes_no_byte(tmp_path, server):
    for name, mirror in (("one", str(made_up.on_disk(tmp_path / "mirror"))), ("two", server.address)):
        data = made_up.data(mirror=mirror, root=str(tmp_path / name))
        fetch.run(SimpleNamespace(data=data), Folders(tmp_path / name))
    assert read(tmp_path / "one") == read(tmp_path / "two")


@pytest.mark.parametrize("name", ["digits", "gaussian"])
def test_fetching_twice_writes_the_same_bytes(tmp_path, name):
    own = {"samples": 50, "separation": 1.0, "classes": 2, "shape": [2]} if name == "gaussian" else {}
    config = SimpleNamespace(data=Data(name, name, 30, 5, **own))
    for folder in ("one", "two"):
        fetch.run(config, Folders(tmp_path / folder))
    assert read(tmp_path / "one") == read(tmp_path / "two")
    assert set(read(tmp_path / "one")) == {"images.npy", "labels.npy", "source.json"}


def test_what_was_there_before_is_replaced_as_a_whole(serve, tmp_path):
    raw = tmp_path / "data" / "raw"
    (raw.with_name("raw.part")).mkdir(parents=True)
    raw.mkdir()
    (raw / "old.npy").touch()
    serve(IMAGES, LABELS)
    fetch.run(SimpleNamespace(data=DATA), Folders(tmp_path))
    assert set(read(tmp_path)) == {"images.npy", "labels.npy", "source.json"}
    assert [path.name for path in raw.parent.iterdir()] == ["raw"]


@pytest.mark.parametrize(
    ("images", "labels", "fault"),
    [
        (IMAGES.astype(np.float64), LABELS, "float32"),
        (IMAGES.reshape(3, 2, 2), LABELS, "float32"),
        (IMAGES[:0], LABELS[:0], "float32"),
        (
            np.where(IMAGES == 3, np.float32(np.nan), IMAGES),
            LABELS,
            "finite numbers, those of 1 samples.*sample 1 first",
        ),
        (IMAGES, LABELS.astype(np.int32), "int64"),
        (IMAGES, LABELS[:5], "one for each image"),
        (IMAGES, LABELS + 1, "each of them in use"),
        (IMAGES, LABELS * 2, "each of them in use"),
    ],
)
def test_a_reader_that_breaks_the_contract_is_refused(serve, images, labels, fault, tmp_path):
    serve(images, labels)
    with pytest.raises(ValueError, match=f"data=made: .*{fault}"):
        stage.fetched(DATA, {}, tmp_path)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"classes": 4}, "data.classes=4: there are 3 classes"),
        ({"shape": [1, 3, 1]}, r"data.shape=\[1, 3, 1\]: a sample has 2 inputs, not 3"),
        ({"shape": [1, 2, 1]}, r"data.shape=\[1, 2, 1\]: images are \[2, 1, 1\]"),
    ],
)
def test_a_configuration_that_the_data_contradict_is_refused(serve, changes, fault, tmp_path):
    serve(IMAGES, LABELS, shape=(2, 1, 1))
    with pytest.raises(ValueError, match=f"data=made: {fault}"):
        stage.fetched(Data("made", "made", 4, 2, **changes), {}, tmp_path)


def test_eight_bit_images_stay_eight_bit(serve, tmp_path):
    serve(IMAGES.astype(np.uint8), LABELS)
    assert stage.fetched(DATA, {}, tmp_path).images.dtype == np.uint8
