"""CIFAR-10's binary archive. The one for Python holds pickles, and loading a pickle can run any code."""

import gzip
import io
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from normshift.fetch.raw import Raw
from normshift.params import Data

SHAPE = (3, 32, 32)
RECORD = 1 + 3 * 32 * 32  # bytes: a label, then red, green and blue, row by row
FOLDER = "cifar-10-batches-bin"
MEMBERS = [f"{FOLDER}/{name}.bin" for name in (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch")]


def load(data: Data, files: Mapping[str, bytes], cache: Path) -> Raw:
    """Return the images of the five training files and the test file; nothing else of the archive is looked at."""
    parts = [_records(name, content) for name, content in _members(files["archive"]).items()]
    records = np.concatenate(parts)
    labels = records[:, 0].astype(np.int64)
    return Raw(records[:, 1:], labels, data.licence, data.citation, SHAPE, len(parts[-1]))


def _members(archive: bytes) -> dict[str, bytes]:
    found = {}
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(archive)) as stream, tarfile.TarFile(fileobj=stream) as members:
            for member in members:
                if member.name in MEMBERS and member.isreg():
                    content = members.extractfile(member)
                    assert content
                    found[member.name] = content.read()
            stream.read()  # to the end, where its checksum is
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise ValueError(f"the archive cannot be read ({error})") from error
    if missing := [name for name in MEMBERS if name not in found]:
        raise ValueError(f"the archive has no {missing[0]}: is it the binary version?")
    return {name: found[name] for name in MEMBERS}


def _records(name: str, content: bytes) -> np.ndarray:
    if not content or len(content) % RECORD:
        raise ValueError(f"{name}: {len(content)} bytes are not whole records of {RECORD}")
    return np.frombuffer(content, np.uint8).reshape(-1, RECORD)
