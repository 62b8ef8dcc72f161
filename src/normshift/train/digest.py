"""The address of a cell: a digest of everything that determines its numbers."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

import numpy as np

from normshift.params import Cell, Train
from normshift.train.samples import HELD_OUT, Shuffled
from normshift.train.where import digest, versions


def digests(cells: Sequence[Cell], shuffled: Shuffled, train: Train, machine: Mapping[str, str | int]) -> list[str]:
    """Return the address of each cell: its configuration, own data, code, libraries and `where.machine`."""
    where = {"train": asdict(train), "machine": dict(machine), **versions()}
    splits = {seed: _split(shuffled, seed) for seed in {cell.seed for cell in cells}}
    streams: dict[tuple, str] = {}
    for cell in cells:
        key = (cell.order.name, cell.batch_size, cell.steps, cell.seed)
        if key not in streams:
            streams[key] = _array_digest([shuffled.stream(cell)])
    return [
        digest(
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
    return digest(parts)
