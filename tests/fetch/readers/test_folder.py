import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from normshift.fetch.readers.folder import load
from normshift.params import Data

RNG = np.random.default_rng(0)
IMAGES, LABELS = RNG.normal(size=(8, 6)), np.array([3, 1, 3, 1, 3, 1, 3, 1])


def data(**changes):
    return Data("folder", "folder", 1, 1, licence="L", citation="C", **changes)


def npz(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def frame(images=IMAGES, labels=LABELS, name="label"):
    return pd.DataFrame(images, columns=[f"x{i}" for i in range(images.shape[1])]).assign(**{name: labels})


def csv(table):
    return table.to_csv(index=False).encode()


def parquet(table):
    buffer = io.BytesIO()
    table.to_parquet(buffer)
    return buffer.getvalue()


def read(files, **changes):
    return load(data(**changes), files, Path())


@pytest.mark.parametrize(
    "files",
    [
        {"train.npz": npz(images=IMAGES, labels=LABELS)},
        {"train.csv": csv(frame())},
        {"train.parquet": parquet(frame())},
        {"train.csv": csv(frame(name="kind"))},
    ],
    ids=["npz", "csv", "parquet", "another column"],
)
def test_the_same_arrays_are_read_from_every_format(files):
    raw = read(files, target="kind" if b"kind" in next(iter(files.values()))[:60] else None)
    np.testing.assert_allclose(raw.images, IMAGES.astype(np.float32), rtol=1e-6)
    assert raw.images.dtype == np.float32 and raw.labels.tolist() == [1, 0] * 4
    assert raw.shape is None and raw.official == 0 and raw[2:4] == ("L", "C")


def test_a_test_set_is_the_end_and_shares_the_names_of_labels():
    raw = read({"test.csv": csv(frame(labels=LABELS * 2)), "train.npz": npz(images=IMAGES, labels=LABELS)})
    assert raw.official == 8 and raw.labels.tolist() == [2, 0] * 4 + [3, 1] * 4


@pytest.mark.parametrize(("shape", "kept"), [((8, 2, 3), (1, 2, 3)), ((8, 3, 1, 2), (3, 1, 2)), ((8, 6), None)])
def test_the_shape_of_images_is_kept(shape, kept):
    raw = read({"train.npz": npz(images=IMAGES.reshape(shape), labels=LABELS)})
    assert raw.shape == kept and raw.images.shape == (8, 6)


@pytest.mark.parametrize(
    ("kind", "kept"),
    [(np.uint8, np.uint8), (bool, np.uint8), (np.int64, np.float32), (np.float16, np.float32), (np.uint16, np.float32)],
)
def test_eight_bits_stay_and_other_numbers_are_single_precision(kind, kept):
    images = (IMAGES > 0).astype(kind)
    raw = read({"train.npz": npz(images=images, labels=LABELS)})
    assert raw.images.dtype == kept and (raw.images == images).all()
    small = pd.DataFrame(images.astype(np.uint8), columns=list("abcdef")).assign(label=LABELS)
    assert read({"train.parquet": parquet(small)}).images.dtype == np.uint8


class Evil:
    """Unpickled, it leaves a mark."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return (Path.touch, (self.mark,))


def test_an_archive_with_a_pickle_in_it_is_refused_and_does_not_run(tmp_path):
    evil = np.array([Evil(tmp_path / "mark")], object)
    for arrays in ({"images": evil, "labels": LABELS}, {"images": IMAGES, "labels": evil}):
        with pytest.raises(ValueError, match="train.npz: cannot be read .*allow_pickle=False"):
            read({"train.npz": npz(**arrays)})
    bare = pickle.dumps(Evil(tmp_path / "mark"))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("images.npy", bare)
        archive.writestr("labels.npy", bare)
    for content in (bare, buffer.getvalue()):
        with pytest.raises(ValueError, match="train.npz: "):
            read({"train.npz": content})
    assert not (tmp_path / "mark").exists()
    pickle.loads(bare)  # the bait works
    assert (tmp_path / "mark").exists()


GOOD = npz(images=IMAGES, labels=LABELS)
BROKEN = {
    "cut off": ({"train.npz": GOOD[:200]}, "train.npz: cannot be read"),
    "garbled": ({"train.npz": GOOD[:60] + bytes(40) + GOOD[100:]}, "train.npz: "),
    "not an archive": ({"train.npz": b"GIF89a"}, "train.npz: cannot be read"),
    "no labels": ({"train.npz": npz(images=IMAGES)}, "train.npz: no array labels"),
    "no images": ({"train.npz": npz(x=IMAGES)}, "train.npz: no array images and labels"),
    "text as images": ({"train.npz": npz(images=IMAGES.astype(str), labels=LABELS)}, "must be numbers"),
    "complex images": ({"train.npz": npz(images=IMAGES + 1j, labels=LABELS)}, "must be numbers"),
    "labels of others": ({"train.npz": npz(images=IMAGES, labels=LABELS[:5])}, "do not fit"),
    "one row": ({"train.npz": npz(images=IMAGES[0], labels=LABELS)}, "do not fit"),
    "a column of text": ({"train.csv": csv(frame().assign(x1="a"))}, "train.csv: columns that are not numbers: x1"),
    "a hole": ({"train.csv": csv(frame().assign(x2=[np.nan] + [1] * 7))}, "columns with missing values: x2"),
    "no such column": ({"train.csv": csv(frame(name="y"))}, "no column label: data.target must be one of x0, x1"),
    "an empty table": ({"train.csv": b""}, "train.csv: cannot be read"),
    "not a table": ({"train.parquet": b"PAR1"}, "train.parquet: cannot be read"),
    "another test set": (
        {"train.npz": GOOD, "test.npz": npz(images=IMAGES[:, :3], labels=LABELS)},
        r"images of train \[6\] and test \[3\] differ",
    ),
    "a missing label": ({"train.csv": csv(frame(labels=[np.nan] + [1] * 7))}, "1 of 8 labels are missing"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_what_cannot_be_read_is_said_in_one_line(fault):
    files, said = BROKEN[fault]
    with pytest.raises(ValueError, match=said) as caught:
        read(files)
    assert "\n" not in str(caught.value)
