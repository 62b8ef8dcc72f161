"""Arrays of one's own, with labels: npz, csv or parquet."""

import io
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.lib.npyio import NpzFile

from normshift.fetch.labels import numbered
from normshift.fetch.raw import Raw
from normshift.params import Data

PARTS = ("train", "test")
ARRAYS = ("images", "labels")


def load(data: Data, files: Mapping[str, bytes], cache: Path) -> Raw:
    """Return what lies in ``train.*`` and, as the official test set, in ``test.*``, if there is one."""
    parts = [_part(name, files[name], data.target or "label") for part in PARTS for name in files if _is(name, part)]
    images = [image for image, _ in parts]
    if len({image.shape[1:] for image in images}) > 1:
        raise ValueError(f"images of train {list(images[0].shape[1:])} and test {list(images[1].shape[1:])} differ")
    shape = images[0].shape[1:]
    labels = np.concatenate([label for _, label in parts])
    return Raw(
        np.concatenate(images).reshape(-1, math.prod(shape)),
        numbered(labels),
        data.licence,
        data.citation,
        (1, *shape) if len(shape) == 2 else shape if len(shape) > 1 else None,
        len(images[1]) if len(images) > 1 else 0,
    )


def _is(name: str, part: str) -> bool:
    return Path(name).stem == part


def _part(name: str, content: bytes, target: str) -> tuple[np.ndarray, np.ndarray]:
    """Return images (sample, ...) and labels (sample) of one file."""
    try:
        images, labels = _npz(content) if name.endswith(".npz") else _table(name, content, target)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
    if images.ndim < 2 or labels.shape != images.shape[:1]:
        raise ValueError(f"{name}: images {list(images.shape)} and labels {list(labels.shape)} do not fit")
    return _numbers(name, images), labels


def _npz(content: bytes) -> tuple[np.ndarray, np.ndarray]:
    try:
        with NpzFile(io.BytesIO(content), allow_pickle=False) as archive:
            read = {key: archive[key] for key in ARRAYS if key in archive.files}
    except Exception as error:  # a flipped byte makes zipfile raise anything; objects, which are pickles, are refused
        raise ValueError(f"cannot be read ({' '.join(str(error).split())})") from error
    # Of a member that is no array NumPy gives the bytes.
    found = {key: array for key, array in read.items() if isinstance(array, np.ndarray)}
    if missing := [key for key in ARRAYS if key not in found]:
        raise ValueError(f"no array {' and '.join(missing)}")
    return found["images"], found["labels"]


def _table(name: str, content: bytes, target: str) -> tuple[np.ndarray, np.ndarray]:
    read = pd.read_parquet if name.endswith(".parquet") else pd.read_csv
    try:
        frame = read(io.BytesIO(content))
    except Exception as error:  # three libraries, each with errors of its own
        raise ValueError(f"cannot be read ({' '.join(str(error).split())})") from error
    if target not in frame:
        raise ValueError(f"no column {target}: data.target must be one of {', '.join(map(str, frame.columns[:20]))}")
    return numeric(frame.drop(columns=target)), frame[target].to_numpy()


def numeric(frame: pd.DataFrame) -> np.ndarray:
    """Return a table of numbers (sample, input); columns of anything else are named and refused."""
    other = [str(name) for name, kind in frame.dtypes.items() if not pd.api.types.is_numeric_dtype(kind)]
    if other:
        raise ValueError(f"columns that are not numbers: {', '.join(other[:20])}")
    if empty := [str(name) for name in frame if frame[name].isna().any()]:
        raise ValueError(f"columns with missing values: {', '.join(empty[:20])}")
    bytes_alone = (frame.dtypes == np.uint8).all()
    return frame.to_numpy(np.uint8 if bytes_alone else np.float64)


def _numbers(name: str, images: np.ndarray) -> np.ndarray:
    if images.dtype.kind not in "buif":
        raise ValueError(f"{name}: images must be numbers, not {images.dtype}")
    return images.astype(np.uint8 if images.dtype in (bool, np.uint8) else np.float32)
