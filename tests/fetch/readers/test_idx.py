import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from normshift.fetch.readers.idx import array, load
from tests.fetch.made_up import ARRAYS, contents, data, idx


def naive(content):
    """The format read number by number."""
    assert content[:3] == b"\0\0\x08"
    sizes, at = [], 4
    for _ in range(content[3]):
        sizes.append(((content[at] * 256 + content[at + 1]) * 256 + content[at + 2]) * 256 + content[at + 3])
        at += 4
    return sizes, list(content[at:])


@given(arrays(np.uint8, array_shapes(max_dims=4)))
def test_what_is_written_is_read_and_equals_the_format_read_byte_by_byte(made):
    content = gzip.decompress(idx(made))
    found = array(content)
    np.testing.assert_array_equal(found, made)
    assert (list(found.shape), found.ravel().tolist()) == naive(content)


def test_training_set_and_test_set_follow_one_another():
    raw = load(data(), contents(), Path())
    images, labels = (
        np.concatenate([ARRAYS[f"{part}_{what}"] for part in ("train", "test")]) for what in ("images", "labels")
    )
    np.testing.assert_array_equal(raw.images.reshape(-1, 5, 4), images)
    np.testing.assert_array_equal(raw.labels, labels)
    assert raw.images.dtype == np.uint8 and raw.labels.dtype == np.int64
    assert raw.shape == (1, 5, 4) and raw.official == 30 and raw[2:4] == ("CC0", "nobody")


def test_a_set_without_a_test_set_has_no_official_split():
    raw = load(data(), {role: one for role, one in contents().items() if role.startswith("train")}, Path())
    assert raw.official == 0 and len(raw.labels) == 120


def test_images_with_channels_keep_them():
    colour = np.zeros((6, 3, 2, 2), np.uint8)
    found = {"train_images": idx(colour), "train_labels": idx(np.arange(6, dtype=np.uint8))}
    assert load(data(), found, Path()).shape == (3, 2, 2)


GOOD = gzip.decompress(contents()["train_labels"])
BROKEN = {
    "not zipped": b"\0\0\x08\x01",
    "cut off while zipped": contents()["train_labels"][:-20],
    "a byte of the zip flipped": contents()["train_labels"][:30] + b"\xff\xff" + contents()["train_labels"][32:],
    "empty": gzip.compress(b""),
    "another format": gzip.compress(b"GIF89a" + GOOD),
    "numbers of another type": gzip.compress(b"\0\0\x0d" + GOOD[3:]),
    "cut off in its sizes": gzip.compress(GOOD[:6]),
    "a number too few": gzip.compress(GOOD[:-1]),
    "a number too many": gzip.compress(GOOD + b"\0"),
    "a size that is a lie": gzip.compress(GOOD[:4] + b"\xff\xff\xff\xff" + GOOD[8:]),
    "labels for others": idx(np.zeros(119, np.uint8)),
    "pairs of labels": idx(np.zeros((120, 2), np.uint8)),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_file_is_named_in_one_line(fault):
    with pytest.raises(ValueError, match="train_labels") as caught:
        load(data(), contents() | {"train_labels": BROKEN[fault]}, Path())
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=40))
def test_whatever_the_bytes_are_there_is_an_array_or_a_value_error(content):
    try:
        assert array(content).dtype == np.uint8
    except ValueError:
        pass
