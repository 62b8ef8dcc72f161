"""A study's grids, expanded into cells. An axis is a key of the cell, dotted where it lies deeper (`model.depth`)."""

import functools
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from normshift.params import Cell, Refused, Study, typed


@dataclass(frozen=True)
class Planned:
    """A cell of a study and its role: ``judged`` or ``tuning`` (which never enters a verdict)."""

    cell: Cell
    role: str


def planned(study: Study) -> list[Planned]:
    """Return the study's cells in a fixed order, each once, or raise `Refused` listing what is wrong."""
    cells = {}
    faults: list[str] = []
    for number, grid in enumerate(study.grids):
        seedless, found = _seedless(study, grid, f"grids.{number}")
        faults += [line for line in found if line not in faults]
        for role in ("judged", "tuning"):
            for cell, seed in itertools.product(seedless, getattr(study.seeds, role)):
                seeded = _watched(replace(cell, seed=seed), {"detail": study.detail, "tested": study.tested})
                cells.setdefault(seeded, Planned(seeded, role))
    if faults:
        raise Refused(faults)
    return list(cells.values())


def _seedless(study: Study, grid: Mapping[str, list[Any]], key: str) -> tuple[list[Cell], list[str]]:
    cells, faults = [], []
    for point in _points(grid):
        try:
            cells.append(typed(Cell, _cell(study, point), key))
        except Refused as refused:
            faults += refused.lines
    return cells, list(dict.fromkeys(faults))


def _watched(cell: Cell, lists: Mapping[str, list[dict[str, list[Any]]]]) -> Cell:
    """Return a cell, watched as the first way says one of whose lists has all its values."""
    for watch, chosen in lists.items():
        if any(all(_value(cell, axis) in values for axis, values in one.items()) for one in chosen):
            return replace(cell, watch=watch)
    return cell


def _value(cell: Cell, axis: str) -> Any:
    value = functools.reduce(getattr, axis.split("."), cell)
    return getattr(value, "name", value)


def _points(grid: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    axes = sorted(grid)  # a cell's number must not depend on who wrote the grid down
    for values in itertools.product(*(grid[axis] for axis in axes)):
        yield dict(zip(axes, values, strict=True))


def _cell(study: Study, point: Mapping[str, Any]) -> dict[str, Any]:
    cell = asdict(study.cell)
    for axis, value in sorted(point.items(), key=lambda item: item[0].count(".")):
        *path, last = axis.split(".")
        target = cell
        for step in path:
            target = target[step]
        if last not in target:
            raise Refused([f"{axis}={value}: unknown axis; allowed: {', '.join(target)}"])
        target[last] = _meaning(study, axis, value)
    return cell


def _meaning(study: Study, axis: str, value: Any) -> Any:
    if axis not in study.options:
        return value
    if value not in study.options[axis]:
        raise Refused([f"{axis}={value}: must be one of {', '.join(study.options[axis])}"])
    return dict(study.options[axis][value])  # a copy: an axis below it sets a key of this cell alone
