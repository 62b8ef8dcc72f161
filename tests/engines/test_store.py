"""The cell store under faults."""

import multiprocessing
from pathlib import Path

import numpy as np
import pytest

from normshift.engines.store import Folder, opened
from normshift.records import BadRecord

DIGEST = "ab12"
RECORD = {"training_loss": np.arange(5, dtype=np.float32), "diverged_step": np.int32(-1)}


def same(record) -> bool:
    return record is not None and all(np.array_equal(record[name], RECORD[name]) for name in RECORD)


def put(root) -> None:
    for _ in range(20):
        Folder(root).put(DIGEST, RECORD)


def test_what_is_put_is_got(tmp_path):
    store = Folder(tmp_path)
    assert store.get(DIGEST) is None and store.present([DIGEST]) == set()
    store.put(DIGEST, RECORD)
    assert same(store.get(DIGEST)) and store.present([DIGEST, "cd"]) == {DIGEST}
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == [f"{DIGEST}.npz", f"{DIGEST}.sha256"]


def test_where_nothing_can_be_kept_is_said_before_anything_is_trained(tmp_path):
    Folder(tmp_path / "new").ready()
    assert not list((tmp_path / "new").iterdir())
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        Folder(tmp_path / "file" / "cells").ready()
    if Path("/proc/self").exists():  # a folder into which nobody can write
        with pytest.raises(OSError, match="/proc/self"):
            Folder(Path("/proc/self")).ready()


def test_a_folder_may_be_given_as_a_url(tmp_path):
    store = opened(f"file://{tmp_path}/cells/", tmp_path / "near")
    store.put(DIGEST, RECORD)
    assert isinstance(store, Folder) and same(Folder(tmp_path / "cells").get(DIGEST))


@pytest.mark.parametrize("fault", ["cut", "flipped", "empty", "no checksum"])
def test_what_is_not_whole_counts_as_missing(tmp_path, fault):
    store = Folder(tmp_path)
    store.put(DIGEST, RECORD)
    path = store.path(DIGEST)
    data = bytearray(path.read_bytes())
    data[150] ^= 1
    {
        "cut": lambda: path.write_bytes(data[:-10]),
        "flipped": lambda: path.write_bytes(data),
        "empty": lambda: path.write_bytes(b""),
        "no checksum": lambda: path.with_suffix(".sha256").unlink(),
    }[fault]()
    assert store.get(DIGEST) is None and store.present([DIGEST]) == set()
    with pytest.raises(BadRecord, match="run the same command again"):
        store.take(DIGEST)
    store.put(DIGEST, RECORD)
    assert same(store.get(DIGEST))


def test_many_writers_of_one_cell_leave_one_whole_entry(tmp_path):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=put, args=(tmp_path,)) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert same(Folder(tmp_path).get(DIGEST)) and not list(tmp_path.rglob("*.part"))
