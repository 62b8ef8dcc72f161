import hashlib
import json
from types import SimpleNamespace

import numpy as np
import pytest

from normshift.fetch import __main__ as fetch
from normshift.fetch import datasets, stage
from normshift.fetch.raw import Raw
from normshift.folders import Folders
from normshift.params import Data

DATA = Data("made", "made", 4, 2)
IMAGES = np.arange(12, dtype=np.float32).reshape(6, 2)
LABELS = np.array([0, 1, 1, 0, 2, 2])


@pytest.fixture
def serve(monkeypatch):
    def serve(images, labels):
        monkeypatch.setitem(datasets.REGISTRY, "made", lambda data: Raw(images, labels, "CC0", "nobody"))

    return serve


def test_source_describes_the_arrays_beside_it(serve, tmp_path):
    serve(IMAGES, LABELS)
    fetch.run(SimpleNamespace(data=DATA), Folders(tmp_path))
    raw = tmp_path / "data" / "raw"
    source = json.loads((raw / "source.json").read_text())
    assert source["name"] == "made" and source["classes"] == [2, 2, 2]
    assert (source["samples"], source["inputs"]) == (6, 2)
    assert (source["licence"], source["citation"]) == ("CC0", "nobody")
    for name, array in (("images", IMAGES), ("labels", LABELS)):
        stored = np.load(raw / f"{name}.npy")
        np.testing.assert_array_equal(stored, array)
        assert stored.dtype == array.dtype
        assert source["sha256"][name] == hashlib.sha256(array.tobytes()).hexdigest()


def test_fetching_twice_writes_the_same_bytes(tmp_path):
    config = SimpleNamespace(data=Data("digits", "digits", 1197, 200))
    written = []
    for folder in ("one", "two"):
        fetch.run(config, Folders(tmp_path / folder))
        written.append({path.name: path.read_bytes() for path in (tmp_path / folder / "data" / "raw").iterdir()})
    assert written[0] == written[1] and set(written[0]) == {"images.npy", "labels.npy", "source.json"}


@pytest.mark.parametrize(
    ("images", "labels", "fault"),
    [
        (IMAGES.astype(np.float64), LABELS, "float32"),
        (IMAGES.reshape(3, 2, 2), LABELS, "float32"),
        (np.where(IMAGES == 3, np.float32(np.nan), IMAGES), LABELS, "finite"),
        (IMAGES, LABELS.astype(np.int32), "int64"),
        (IMAGES, LABELS[:5], "one for each image"),
        (IMAGES, LABELS + 1, "each of them in use"),
        (IMAGES, LABELS * 2, "each of them in use"),
    ],
)
def test_a_loader_that_breaks_the_contract_is_refused(serve, images, labels, fault):
    serve(images, labels)
    with pytest.raises(ValueError, match=fault):
        stage.fetched(DATA)
