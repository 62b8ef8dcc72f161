"""A study's file, shrunk by the profile and by single overrides, and checked axis by axis."""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from normshift.configure.choices import Profile, axes
from normshift.params import NAME, Refused, Within, typed

Grid = dict[str, list[Any]]
Groups = Mapping[str, Mapping[str, Any]]
AXES = axes()
GROUPS = [axis for axis, hint in AXES.items() if dataclasses.is_dataclass(hint)]
SEED = "seed"  # the axis every study has: no file of a study sets it
SHARE = "share"  # of the run's steps: how a grid says that its cells train shorter or longer, whatever the profile


@dataclass(frozen=True)
class StudySeeds:
    """Multiples of the run's numbers of judged and tuning seeds, and the first judged one."""

    judged: Annotated[int, Within(1, 100)] = 1
    tuning: Annotated[int, Within(0, 100)] = 1
    first: Annotated[int, Within(0, 1_000_000)] = 0


@dataclass(frozen=True)
class StudyFile:
    """What a file of conf/study says: the grids, which of their cells are watched closer, and the seeds."""

    grids: list[dict[str, list[Any]]]
    detail: list[dict[str, list[Any]]] = field(default_factory=list)
    tested: list[dict[str, list[Any]]] = field(default_factory=list)
    seeds: StudySeeds = field(default_factory=StudySeeds)


def grids(file: Any, profile: Profile, replaced: Mapping[str, list[Any]], steps: int) -> list[Grid]:
    """Return a study's grids, shrunk and widened as a profile says, and with ``replaced`` in place of its own axes.

    An axis of which the profile keeps no value keeps its first. Shares are turned into steps, ``steps`` being those
    of the run.
    """
    wide = [profile.add | grid for grid in file["grids"]]
    kept = [{axis: _kept(values, profile.keep.get(axis, values)) for axis, values in grid.items()} for grid in wide]
    return [{**_in_steps(grid, steps), **replaced} for grid in kept]


def _kept(values: list[Any], keep: list[Any]) -> list[Any]:
    return [value for value in values if value in keep] or values[:1]


def _in_steps(grid: Grid, steps: int) -> Grid:
    shares = grid.get(SHARE, [])
    rest = {axis: values for axis, values in grid.items() if axis != SHARE}
    return rest | ({"steps": [max(1, round(share * steps)) for share in shares]} if shares else {})


def options(grids: list[Grid], groups: Groups) -> dict[str, dict[str, Any]]:
    """Return the meaning of every name on an axis of the grids: ``norm: {batch: {...}}``."""
    used: dict[str, dict[str, Any]] = {}
    for grid in grids:
        for axis in (axis for axis in grid if axis in GROUPS):
            used.setdefault(axis, {}).update({name: groups[axis][name] for name in grid[axis]})
    return used


def study_faults(names: Any, groups: Groups) -> Iterator[str]:
    """Yield a line for everything wrong with the list of studies and with their files."""
    if not isinstance(names, list) or not names:
        yield f"studies={names}: must be a list with at least one of {', '.join(groups['study'])}"
        return
    for name in dict.fromkeys(map(str, names)):
        if name not in groups["study"]:
            yield f"studies={name}: must be one of {', '.join(groups['study'])}"
        elif not re.fullmatch(NAME, name) or "." in name:
            yield f"studies={name}: must be letters, digits, _, + or -"
        elif names.count(name) > 1:
            yield f"studies={name}: named twice"
        else:
            yield from _file_faults(f"conf/study/{name}.yaml", groups["study"][name], groups)


def axis_faults(key: str, axis: str, values: Any, groups: Groups) -> Iterator[str]:
    """Yield a line for every value that an axis of a grid cannot take."""
    if axis not in AXES:
        yield f"{key}={values}: unknown axis; allowed: {', '.join(AXES)}"
    elif not isinstance(values, list) or not values:
        yield f"{key}={values}: empty grid: must be a list of at least one value"
    else:
        for value in values:
            yield from _value_faults(key, axis, value, groups)


def _value_faults(key: str, axis: str, value: Any, groups: Groups) -> Iterator[str]:
    if axis in GROUPS:
        if value not in list(groups[axis]):
            yield f"{key}={value}: must be one of {', '.join(groups[axis])}"
        return
    try:
        typed(AXES[axis], value, key)
    except Refused as refused:
        yield from refused.lines


def _share_faults(key: str, values: Any) -> Iterator[str]:
    try:
        typed(list[Annotated[float, Within(0, 100, above=True)]], values, key)
    except Refused as refused:
        yield from refused.lines


def _file_faults(path: str, file: Any, groups: Groups) -> Iterator[str]:
    found = file.get("grids")
    if not isinstance(found, list) or not found:
        yield f"{path}: empty grid: must hold `grids`, a list of at least one mapping"
        return
    for number, grid in enumerate(found):
        if not isinstance(grid, dict) or not grid:
            yield f"{path}: grids.{number}={grid}: empty grid: must be a mapping from axes to lists"
            return
    try:
        typed(StudyFile, file, path)
    except Refused as refused:
        yield from refused.lines
        return
    for number, grid in enumerate(found):
        for axis, values in grid.items():
            key = f"{path}: grids.{number}.{axis}"
            if axis == SEED:
                yield f"{key}: how many seeds is said by seeds.judged and seeds.tuning"
                continue
            if axis == SHARE:
                yield from _share_faults(key, values)
                continue
            yield from axis_faults(key, axis, values, groups)
