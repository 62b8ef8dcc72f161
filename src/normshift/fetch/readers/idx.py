"""The format of MNIST and of the sets made after it: one file of images, one of labels, each for training and test."""

import gzip
import math
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from normshift.fetch.raw import Raw
from normshift.params import Data

UINT8 = 8  # the only type of number that these sets use
PARTS = ("train", "test")


def load(data: Data, files: Mapping[str, bytes], cache: Path) -> Raw:
    """Return the images of ``train_images`` and ``test_images``, if there is a test set, with their labels."""
    parts = [part for part in PARTS if f"{part}_images" in files]
    images = [_array(files[f"{part}_images"], f"{part}_images") for part in parts]
    labels = [_array(files[f"{part}_labels"], f"{part}_labels") for part in parts]
    for part, image, label in zip(parts, images, labels, strict=True):
        if image.ndim < 2 or label.shape != image.shape[:1] or image.shape[1:] != images[0].shape[1:]:
            raise ValueError(f"{part}_images {list(image.shape)} and {part}_labels {list(label.shape)} do not fit")
    shape = images[0].shape[1:]
    return Raw(
        np.concatenate(images).reshape(-1, math.prod(shape)),
        np.concatenate(labels).astype(np.int64),
        data.licence,
        data.citation,
        (1, *shape) if len(shape) == 2 else shape,
        len(labels[1]) if len(labels) > 1 else 0,
    )


def _array(content: bytes, name: str) -> np.ndarray:
    try:
        return array(gzip.decompress(content))
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise ValueError(f"{name}: {error}") from error


def array(content: bytes) -> np.ndarray:
    """Return the uint8 array of an IDX file: 0, 0, type, dimensions; each size as big-endian uint32; the numbers.

    LeCun, Cortes & Burges, The MNIST database, "The IDX file format".
    """
    if len(content) < 4 or content[:3] != bytes([0, 0, UINT8]):
        raise ValueError("not an IDX file of uint8")
    begin = 4 + 4 * content[3]
    if len(content) < begin:
        raise ValueError("cut off in its sizes")
    sizes = struct.unpack(f">{content[3]}I", content[4:begin])
    if len(content) - begin != math.prod(sizes):
        raise ValueError(f"{len(content) - begin} numbers for the sizes {list(sizes)}")
    return np.frombuffer(content, np.uint8, offset=begin).reshape(sizes)
