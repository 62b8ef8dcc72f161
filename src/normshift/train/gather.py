"""From records of single cells to the files of a study: one per shape, all its cells stacked."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd

from normshift.grid import Planned
from normshift.params import Cell
from normshift.records import PLAN, Record

# What a file need not say of its normaliser.
EPS = 1e-5


def file_name(cell: Cell) -> str:
    """Return the name of the file that holds a cell: cells of one name have arrays of one shape."""
    model = cell.model
    shape = f"{model.name}-{model.depth}x{model.width}-{cell.norm.kind}-{cell.batch_size}-{cell.steps}"
    shape = shape if cell.norm.eps == EPS else f"{shape}-eps{cell.norm.eps:g}"
    return shape if cell.watch == "plain" else f"{shape}-{cell.watch}"


def cells_table(planned: Sequence[Planned], digests: Sequence[str]) -> pd.DataFrame:
    """Return the table `cells`: one row per cell, in the study's order."""
    rows = []
    for number, (point, digest) in enumerate(zip(planned, digests, strict=True)):
        cell = point.cell
        named = {key: getattr(cell, key).name for key in ("model", "norm", "optimizer", "schedule", "order")}
        plain = {key: getattr(cell, key) for key in ("data", "regime", "batch_size", "lr", "steps", "seed")}
        shape = {key: getattr(cell.model, key) for key in ("depth", "width", "activation")}
        own = {"cell": number, "digest": digest, "record": file_name(cell), "role": point.role}
        rows.append({**own, **named, **plain, **shape})
    return pd.DataFrame(rows)


def gathered(cells: Sequence[Cell], get: Callable[[int], Record]) -> Iterator[tuple[str, Record]]:
    """Yield each file's name and arrays; ``get(number)`` returns the record of a cell."""
    numbers: dict[str, list[int]] = {}
    for number, cell in enumerate(cells):
        numbers.setdefault(file_name(cell), []).append(number)
    for name, members in numbers.items():
        each = [get(number) for number in members]
        shared = {key: each[0][key] for key in PLAN}
        own = {key: np.stack([record[key] for record in each]) for key in each[0] if key not in PLAN}
        yield name, {**shared, **own, "cell": np.array(members, np.int32)}
