"""From sources and overrides to the resolved configuration: what `build/config.json` holds."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from normshift.configure.cells import cell_faults
from normshift.configure.choices import FIRST_TUNING_SEED, Choices, keys
from normshift.configure.composition import composed
from normshift.configure.data_set import data_faults
from normshift.configure.device import device_faults
from normshift.configure.fit import Unfit, own_sizes, unfit
from normshift.configure.overrides import flattened, kept, parsed
from normshift.configure.sources import Sources
from normshift.configure.studies import (
    AXES,
    SEED,
    Groups,
    StudyFile,
    StudySeeds,
    axis_faults,
    grids,
    options,
    study_faults,
)
from normshift.configure.thread import thread_faults
from normshift.grid import planned
from normshift.params import Cell, Config, Refused, Study, typed

REFERENCE = ("model", "optimizer", "schedule", "batch_size")  # what a single run's reference cell takes from its axes


def resolved(sources: Sources, overrides: Iterable[str] = (), single: bool = False) -> Config:
    """Return the resolved configuration, or raise `Refused` with a line for every fault.

    With ``single`` an override of an axis (``norm=batch``, ``lr=0.25``, ``seed=0``) replaces it in every grid; the
    reference cell takes of these only what `REFERENCE` names, and only where it is one value.
    """
    known = [*keys(), *(AXES if single else ())]
    own, more = parsed(overrides, known)
    base, faults = parsed(flattened(kept(sources.params, [item.key for item in own])), known)
    axes = {item.key: _values(item.value) for item in own if single and item.key in AXES}
    values, refused = composed(sources, [*base, *(item for item in own if item.key not in axes)])
    faults += more + refused
    for axis, replacement in axes.items():
        faults += axis_faults(axis, axis, replacement, sources.groups)
    faults += [
        line
        for axis, own in _added(values).items()
        for line in axis_faults(f"profile.add.{axis}", axis, own, sources.groups)
    ]
    wrong = list(study_faults(values["studies"], sources.groups))
    faults += wrong + [
        line for line in _typed_faults(values) if not (wrong and line.startswith(("studies=", "studies.")))
    ]
    faults += _size_faults(values, sources.groups["study"], axes)
    faults += device_faults(*(_inner(values, *place) for place in (("train", "device"), ("engine", "kind"))))
    if faults:
        raise Refused(list(dict.fromkeys(faults)))
    return _resolved(sources, typed(Choices, values), axes)


def dumped(config: Config) -> str:
    """Return the text of build/config.json: sorted, without dates, the same for the same configuration.

    JSON, as DVC reads it once for every stage, and takes .2 s each time for as much YAML.
    """
    return json.dumps(asdict(config), sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _inner(values: Mapping[str, Any], group: str, key: str) -> Any:
    return values[group].get(key) if isinstance(values[group], dict) else None


def _values(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _added(values: Mapping[str, Any]) -> Mapping[str, Any]:
    found = values["profile"].get("add") if isinstance(values["profile"], dict) else None
    return found if isinstance(found, dict) else {}


def _typed_faults(values: Mapping[str, Any]) -> list[str]:
    try:
        typed(Choices, values)
    except Refused as refused:
        return [line.replace("=???: ", ": missing from params.yaml: ") for line in refused.lines]
    return []


def _size_faults(values: Mapping[str, Any], files: Mapping[str, Any], axes: Mapping[str, list[Any]]) -> Iterator[str]:
    """A mini-batch cannot hold more samples than there are to train on."""
    names = values["studies"] if isinstance(values["studies"], list) else []
    lists = [files[name].get("grids") for name in names if isinstance(name, str) and name in files]
    found = [grid for grids in lists if isinstance(grids, list) for grid in grids if isinstance(grid, dict)]
    in_studies = [size for grid in found for size in _values(grid.get("batch_size", []))]
    most = values["data"].get("train") if isinstance(values["data"], dict) else None
    for size in [values["batch_size"], *axes.get("batch_size", in_studies)]:
        if isinstance(size, int) and isinstance(most, int) and size > most:
            yield f"batch_size={size}: must be at most data.train={most}, the samples there are to train on"


def _resolved(sources: Sources, choices: Choices, axes: Mapping[str, list[Any]]) -> Config:
    replaced = {axis: values for axis, values in axes.items() if axis != SEED}
    whole = {"cell": _cell(choices, replaced, sources.groups)}
    studies = {name: whole | _study(name, sources, choices, axes) for name in choices.studies}
    plans = {name: _plan(name, typed(Study, study, f"studies.{name}")) for name, study in studies.items()}
    cells = [cell for plan in plans.values() for cell in plan]
    if faults := list(dict.fromkeys([*data_faults(choices.data), *cell_faults(cells)])):
        raise Refused(faults)
    _refuse_unfit(typed(Cell, whole["cell"]), plans, choices, sources)
    values = {key: asdict(getattr(choices, key)) for key in ("data", "engine", "train")}
    values |= {"claims": sources.claims, "root": choices.seeds.root, "studies": studies, "streams": _streams(cells)}
    config = typed(Config, values)
    if faults := list(thread_faults(config.claims)):
        raise Refused(faults)
    return replace(config, left_out=_left_out(config, sources, choices, axes))


def _study(name: str, sources: Sources, choices: Choices, axes: Mapping[str, list[Any]]) -> dict[str, Any]:
    """Return a study but for its reference cell."""
    replaced, groups = {axis: values for axis, values in axes.items() if axis != SEED}, sources.groups
    file = typed(StudyFile, groups["study"][name])
    points = grids(groups["study"][name], choices.profile, replaced, _steps(choices))
    seeds = _seeds(choices, file.seeds, axes.get(SEED))
    own = {"grids": points, "options": options(points, groups), "seeds": seeds}
    return own | {"detail": file.detail, "tested": file.tested}


def _refuse_unfit(reference: Cell, plans: Mapping[str, list[Cell]], choices: Choices, sources: Sources) -> None:
    own = own_sizes(sources.groups)
    if reason := unfit([reference], choices.data, own):
        raise Refused([reason])
    reasons = {name: unfit(plan, choices.data, own) for name, plan in plans.items()}
    if any(reasons.values()):
        raise Unfit({name: reason for name, reason in reasons.items() if reason})


def _left_out(config: Config, sources: Sources, choices: Choices, axes: Mapping[str, list[Any]]) -> dict[str, str]:
    """Return why studies that claims need cannot be trained here, of those that are not in the run."""
    needed = {study for claim in config.claims.claims.values() for study in claim.needs}
    whole = asdict(next(iter(config.studies.values())).cell)
    absent = [name for name in sorted(needed) if name not in config.studies and name in sources.groups["study"]]
    studies = {name: typed(Study, {"cell": whole} | _study(name, sources, choices, axes)) for name in absent}
    reasons = {
        name: unfit(_plan(name, study), config.data, own_sizes(sources.groups)) for name, study in studies.items()
    }
    return {name: reason for name, reason in reasons.items() if reason}


def _plan(name: str, study: Study) -> list[Cell]:
    try:
        return [plan.cell for plan in planned(study)]
    except Refused as refused:
        raise Refused([f"studies.{name}.{line}" for line in refused.lines]) from None


def _steps(choices: Choices) -> int:
    return choices.profile.steps if choices.steps is None else choices.steps


def _seeds(choices: Choices, own: StudySeeds, only: list[int] | None) -> dict[str, list[int]]:
    if only is not None:
        return {"judged": only, "tuning": []}
    profile = choices.profile.seeds
    judged = profile.judged if choices.seeds.judged is None else choices.seeds.judged
    tuning = profile.tuning if choices.seeds.tuning is None else choices.seeds.tuning
    tuned = range(FIRST_TUNING_SEED, FIRST_TUNING_SEED + tuning * own.tuning)
    return {"judged": list(range(own.first, own.first + judged * own.judged)), "tuning": list(tuned)}


def _cell(choices: Choices, replaced: Mapping[str, list[Any]], known: Groups) -> dict[str, Any]:
    """The reference cell: what the grids of a study do not vary, or what replaces it in all of them."""
    groups = ("model", "norm", "optimizer", "schedule", "order")
    same = {axis: values[0] for axis, values in replaced.items() if axis in REFERENCE and len(values) == 1}
    cell = {group: asdict(getattr(choices, group)) for group in groups}
    cell |= {key: getattr(choices, key) for key in ("regime", "batch_size", "lr")}
    cell |= {axis: known[axis][value] if axis in groups else value for axis, value in same.items()}
    return cell | {"data": choices.data.name, "root": choices.seeds.root, "steps": _steps(choices), "seed": 0}


def _streams(cells: list[Cell]) -> list[dict[str, Any]]:
    """Each order and batch size in use, once: its seeds, and the steps of the longest cell that reads it."""
    readers: dict[tuple[str, int], list[Cell]] = {}
    for cell in cells:
        readers.setdefault((cell.order.name, cell.batch_size), []).append(cell)
    return [
        {
            "order": asdict(group[0].order),
            "batch_size": group[0].batch_size,
            "steps": max(cell.steps for cell in group),
            "seeds": sorted({cell.seed for cell in group}),
        }
        for _, group in sorted(readers.items())
    ]
