import io
import pickle
import tarfile
from pathlib import Path

import numpy as np
import pytest

from normshift.fetch.readers.cifar_binary import MEMBERS, RECORD, load
from normshift.params import Data
from tests.fetch.made_up import cifar

DATA = Data("cifar10", "cifar_binary", 1, 1, licence="L", citation="C")
RNG = np.random.default_rng(0)
RECORDS = {name: RNG.integers(0, 256, (4 if "test" in name else 5, RECORD), np.uint8) for name in MEMBERS}
for array in RECORDS.values():
    array[:, 0] %= 10


def read(archive):
    return load(DATA, {"archive": archive}, Path())


def test_records_are_a_label_and_three_planes_training_first():
    raw = read(cifar(RECORDS))
    rows = [record for name in MEMBERS for record in RECORDS[name].tolist()]
    assert raw.labels.tolist() == [row[0] for row in rows] and raw.labels.dtype == np.int64
    assert raw.images.tolist() == [row[1:] for row in rows] and raw.images.dtype == np.uint8
    assert (raw.shape, raw.official) == ((3, 32, 32), 4)
    planes = raw.images.reshape(-1, *raw.shape)
    assert planes[7, 2, 3, 1] == RECORDS[MEMBERS[1]][2, 1 + 2 * 1024 + 3 * 32 + 1]


def test_the_order_in_the_archive_does_not_matter():
    backwards = dict(reversed(RECORDS.items()))
    np.testing.assert_array_equal(read(cifar(backwards)).images, read(cifar(RECORDS)).images)


class Evil:
    """Unpickled, it leaves a mark."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (Path.touch, (self.mark,))


def test_the_archive_of_pickles_is_refused_and_nothing_of_it_runs(tmp_path):
    mark = tmp_path / "mark"
    code = np.frombuffer(pickle.dumps(Evil(mark)), np.uint8)
    pickles = {f"cifar-10-batches-py/{Path(name).stem}": code for name in MEMBERS}
    with pytest.raises(ValueError, match="no cifar-10-batches-bin/data_batch_1.bin: is it the binary version"):
        read(cifar(pickles))
    with pytest.raises(ValueError, match="are not whole records of 3073"):
        read(cifar(dict.fromkeys(MEMBERS, code)))
    pickle.loads(code.tobytes())  # the bait works
    assert mark.exists()


def test_nothing_is_extracted_and_no_link_is_followed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    odd = {}
    for name, kind, target in (
        ("../outside", tarfile.SYMTYPE, "/etc/passwd"),
        ("/absolute", tarfile.LNKTYPE, MEMBERS[0]),
        (MEMBERS[0], tarfile.SYMTYPE, "/etc/passwd"),
        ("device", tarfile.CHRTYPE, ""),
    ):
        odd[name] = tarfile.TarInfo(name)
        odd[name].type, odd[name].linkname = kind, target
    np.testing.assert_array_equal(read(cifar(RECORDS, **odd)).images, read(cifar(RECORDS)).images)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="no cifar-10-batches-bin/data_batch_1.bin"):
        read(cifar({name: RECORDS[name] for name in MEMBERS[1:]}, **odd))


GOOD = cifar(RECORDS)
plain = io.BytesIO()
with tarfile.open(fileobj=plain, mode="w"):
    pass
BROKEN = {
    "not an archive": b"GIF89a",
    "empty": b"",
    "not zipped": plain.getvalue(),
    "cut off": GOOD[: len(GOOD) // 2],
    "garbled": GOOD[:5000] + bytes(50) + GOOD[5050:],
    "a record too short": cifar(RECORDS | {MEMBERS[2]: RECORDS[MEMBERS[2]].ravel()[:-1]}),
    "no records": cifar(RECORDS | {MEMBERS[2]: np.zeros(0, np.uint8)}),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_archive_is_refused_in_one_line(fault):
    with pytest.raises(ValueError) as caught:
        read(BROKEN[fault])
    assert "\n" not in str(caught.value)
