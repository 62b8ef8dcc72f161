"""Small data sets in the formats of the real ones."""

import gzip
import hashlib
import io
import json
import struct
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import yaml

from normshift.params import Data, File

ROLES = {
    "train_images": "train-images-idx3-ubyte.gz",
    "train_labels": "train-labels-idx1-ubyte.gz",
    "test_images": "t10k-images-idx3-ubyte.gz",
    "test_labels": "t10k-labels-idx1-ubyte.gz",
}
RNG = np.random.default_rng(0)
ARRAYS = {
    "train_images": RNG.integers(0, 256, (120, 5, 4), np.uint8),
    "train_labels": (np.arange(120) % 3).astype(np.uint8),
    "test_images": RNG.integers(0, 256, (30, 5, 4), np.uint8),
    "test_labels": (np.arange(30) % 3).astype(np.uint8),
}


def idx(array: np.ndarray) -> bytes:
    """Return an array as an IDX file, zipped."""
    head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(head + array.tobytes(), mtime=0)


def contents() -> dict[str, bytes]:
    """Return a tiny IDX set's files by what they are to the reader."""
    return {role: idx(array) for role, array in ARRAYS.items()}


def files(found: Mapping[str, bytes], names: Mapping[str, str] = ROLES) -> dict[str, File]:
    """Return what a configuration says about files."""
    return {role: File(names[role], len(one), hashlib.sha256(one).hexdigest()) for role, one in found.items()}


def data(**changes) -> Data:
    """Return a tiny IDX set."""
    own = {"name": "tiny", "kind": "idx", "train": 80, "heldout": 6, "licence": "CC0", "citation": "nobody"}
    return Data(**own | {"files": files(contents()), "split": "official"} | changes)


def on_disk(folder: Path, name: str = "tiny") -> Path:
    """Write the files where a mirror of one's own has them; return the mirror."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    for role, content in contents().items():
        (folder / name / ROLES[role]).write_bytes(content)
    return folder


def configured(conf: Path, found: Mapping[str, bytes] | None = None, shape: Sequence[int] = (1, 5, 4)) -> None:
    """Write conf/data/tiny.yaml: all it takes to add a set of a known format."""
    own = {key: vars(file) for key, file in files(found or contents()).items()}
    text = {"name": "tiny", "kind": "idx", "train": 80, "heldout": 6, "split": "official", "inputs": "channels"}
    text |= {"shape": list(shape), "classes": 3, "licence": "CC0", "citation": "nobody", "files": own, "mirrors": []}
    (conf / "data" / "tiny.yaml").write_text(yaml.safe_dump(text), encoding="utf-8")


def cifar(records: Mapping[str, np.ndarray], **odd: tarfile.TarInfo) -> bytes:
    """Return CIFAR's binary archive with these records (record, byte) by member; odd members come first."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for member in odd.values():
            archive.addfile(member)
        for name, array in records.items():
            member = tarfile.TarInfo(name)
            member.size = array.size
            archive.addfile(member, io.BytesIO(array.tobytes()))
    return buffer.getvalue()


def openml(cache: Path, number: int, columns: Mapping[str, list], **description) -> Path:
    """Fill scikit-learn's cache as if openml.org had sent a set; the last column is the target."""
    *inputs, target = columns
    kinds = {
        name: "numeric" if all(isinstance(value, int | float) for value in columns[name] if value != "?") else "nominal"
        for name in columns
    }
    rows = zip(*columns.values(), strict=True)
    head = [f"@ATTRIBUTE {name} {_arff(columns[name], kinds[name])}" for name in columns]
    arff = "\n".join(["@RELATION made_up", *head, "@DATA", *(",".join(map(str, row)) for row in rows), ""]).encode()
    about = {"id": str(number), "name": "made_up", "version": "1", "format": "ARFF", "status": "active"}
    about |= {"description": "none", "url": f"https://api.openml.org/data/v1/download/{number}/made_up.arff"}
    about |= {"md5_checksum": hashlib.md5(arff).hexdigest(), "licence": "Public"} | description
    no = {"is_ignore": "false", "is_row_identifier": "false", "number_of_missing_values": "0"}
    features = [
        {"index": str(i), "name": name, "data_type": kinds[name], "is_target": str(name == target).lower()} | no
        for i, name in enumerate(columns)
    ]
    size = [{"name": "NumberOfInstances", "value": str(len(columns[target]))}]
    own = cache / "openml" / "openml.org"
    for path, content in {
        f"api/v1/json/data/{number}": json.dumps({"data_set_description": about}).encode(),
        f"api/v1/json/data/features/{number}": json.dumps({"data_features": {"feature": features}}).encode(),
        f"api/v1/json/data/qualities/{number}": json.dumps({"data_qualities": {"quality": size}}).encode(),
        f"data/v1/download/{number}/made_up.arff": arff,
    }.items():
        (own / path).parent.mkdir(parents=True, exist_ok=True)
        (own / f"{path}.gz").write_bytes(gzip.compress(content))
    return cache


def _arff(values: list, kind: str) -> str:
    return (
        "REAL" if kind == "numeric" else "{" + ",".join(sorted({str(value) for value in values if value != "?"})) + "}"
    )
