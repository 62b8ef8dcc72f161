"""Against the canonical files, where NORMSHIFT_DATA_MIRROR names a folder that holds them."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from normshift.configure.sources import sources
from normshift.fetch.download import contents
from normshift.fetch.places import places
from normshift.fetch.stage import fetched
from normshift.params import Data, typed

ROOT = Path(__file__).parents[2]
MIRROR = os.environ.get("NORMSHIFT_DATA_MIRROR", "")
SETS = ("mnist", "fashion_mnist")


def there(name):
    return Path(MIRROR, name).is_dir() if MIRROR else False


@pytest.fixture(params=SETS, scope="module")
def real(request, tmp_path_factory):
    """A set's configuration, its files and what is read from them."""
    if not there(request.param):
        pytest.skip(f"no {request.param} in NORMSHIFT_DATA_MIRROR={MIRROR}")
    data = typed(Data, sources(ROOT).groups["data"][request.param])
    cache = tmp_path_factory.mktemp("cache")
    files = contents(data, places(data, {"NORMSHIFT_DATA_MIRROR": MIRROR}, cache))
    return data, files, fetched(data, files, cache)


def test_sizes_and_digests_of_the_configuration_are_those_of_the_files(real):
    data, files, _ = real
    for role, file in data.files.items():
        assert len(files[role]) == file.bytes and hashlib.sha256(files[role]).hexdigest() == file.sha256


def test_the_set_is_as_it_is_published(real):
    _, _, raw = real
    assert raw.images.shape == (70_000, 784) and raw.images.dtype == np.uint8 and raw.official == 10_000
    assert raw.shape == (1, 28, 28) and (raw.images.min(), raw.images.max()) == (0, 255)
    assert len(np.unique(raw.labels)) == 10


def test_classes_are_as_many_as_published(real):
    data, _, raw = real
    counts = np.bincount(raw.labels[:60_000]), np.bincount(raw.labels[60_000:])
    if data.name == "mnist":  # LeCun et al.'s digits are not balanced; their numbers are well known
        assert counts[0].tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
        assert counts[1].tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    else:
        assert counts[0].tolist() == [6000] * 10 and counts[1].tolist() == [1000] * 10


def test_labels_belong_to_their_images(real):
    """Pictures are like those of their own class: a nearest class mean finds most labels of the test set."""
    _, _, raw = real
    train, test = raw.images[:60_000:10].astype(np.float32), raw.images[60_000::10].astype(np.float32)
    means = np.stack([train[raw.labels[:60_000:10] == label].mean(axis=0) for label in range(10)])
    nearest = np.linalg.norm(test[:, None] - means, axis=2).argmin(axis=1)
    assert (nearest == raw.labels[60_000::10]).mean() > 0.6
