"""The address of a cell: a digest of everything that determines its numbers."""

import ast
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import numba
import numpy as np
import scipy
import torch
from llvmlite.binding import get_host_cpu_name

from normshift.params import PACKAGE, Cell, Train
from normshift.train.samples import HELD_OUT, Shuffled

# The code that trains and observes. Comments, docstrings and layout do not count.
CODE = ("train/**/*.py", "observe/*.py", "networks/**/*.py", "records.py", "seeds.py")


def code() -> str:
    """Return the digest of the code that determines a cell."""
    return _digest(_meaning(path) for pattern in CODE for path in sorted(PACKAGE.glob(pattern)))


def _meaning(path: Path) -> str:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body[0] = ast.Pass()
    return f"{path.relative_to(PACKAGE)}\n{ast.unparse(tree)}"


def digests(cells: Sequence[Cell], shuffled: Shuffled, train: Train) -> list[str]:
    """Return the address of each cell: its configuration, own data, code, libraries and processor."""
    where = {
        "train": asdict(train),
        "code": code(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "numba": numba.__version__,
        "scipy": scipy.__version__,
        "capability": torch.backends.cpu.get_cpu_capability(),
        # Compiled loops are made for the very processor; others may add in another order.
        "processor": get_host_cpu_name(),
    }
    splits = {seed: _split(shuffled, seed) for seed in {cell.seed for cell in cells}}
    streams: dict[tuple, str] = {}
    for cell in cells:
        key = (cell.order.name, cell.batch_size, cell.steps, cell.seed)
        if key not in streams:
            streams[key] = _array_digest([shuffled.stream(cell)])
    return [
        _digest(
            [
                json.dumps(asdict(cell), sort_keys=True),
                json.dumps(where, sort_keys=True),
                splits[cell.seed],
                streams[cell.order.name, cell.batch_size, cell.steps, cell.seed],
            ]
        )
        for cell in cells
    ]


def _split(shuffled: Shuffled, seed: int) -> str:
    places = [shuffled.part(name, seed) for name in ("train", "subset", *HELD_OUT)]
    scaling = [shuffled.splits[f"center_{seed}"], shuffled.splits[f"scale_{seed}"]]
    return _array_digest(
        [
            shuffled.splits["shape"],
            *(array[place] for place in places for array in (shuffled.inputs, shuffled.labels)),
            *scaling,
        ]
    )


def _array_digest(arrays: Iterable[np.ndarray]) -> str:
    parts = []
    for array in arrays:
        parts.append(f"{array.dtype.str}{array.shape}")
        parts.append(hashlib.sha256(np.ascontiguousarray(array)).hexdigest())
    return _digest(parts)


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
