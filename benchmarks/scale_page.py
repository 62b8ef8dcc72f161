"""The results of benchmarks/scale.py as a page of tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.results import measured_on, table
from benchmarks.scale_formula import middle
from benchmarks.scale_sweep import ALLOWED, LARGEST, NAMES, PRICE, WORKERS
from normshift.plan import duration

PAGE = """# A grid on many workers

Written by `python -m benchmarks.scale`; what it means is in [`docs/scale.md`](../../docs/scale.md). {machine}

## Measured

CPU time, which other work on the machine leaves about alone; medians of the rounds.

{inputs}

A stack of n cells of s steps takes a + n (b + c s) seconds, least squares of the ratios:

{fit}

{stacks}

## Predicted and run

{count} cells, an empty store, the stage's own command; medians, rounds: {rounds}. In each everything is measured anew,
predicted and run. A prediction knows of its run the stacks, the driver's own time (the command again,
with nothing to train), and the cores that as many busy processes got in 3 s before it and 3 s after it. What other work
took meanwhile it does not know, so CPU times are compared too.

{runs}

## Simulated: how many workers are worth it

Up to how many workers at least half of their time, from the driver's start to its end, is training; and the part
without which the run there would be shortest. Cells of 1,000 steps, half of them with batch norm; stacks of at most
{largest} cells, fewer where workers would have none.

{half}

## Simulated: time, efficiency and cost

Time from the command to the study's files; in brackets efficiency.

{spans}

## Simulated: {most:,} cells, ideal

{phases}

A core hour costs {price} here: an example. Stacks given up, because {deaths} workers died at them, in all runs above:
{given_up}.
"""

INPUTS = {
    "start of a worker until it trains, s": lambda found: f"{found['worker']['start']:.2f}",
    "a put of a cell into a folder, ms": lambda found: f"{1e3 * found['worker']['put']:.2f}",
    "a take of a cell from a folder, ms": lambda found: f"{1e3 * found['record']['take']:.2f}",
    "the driver, until it knows its cells, s": lambda found: f"{found['driver']['start']:.2f}",
    "the driver, a cell before the first stack, ms": lambda found: f"{1e3 * found['prepare']:.2f}",
    "the driver, a cell gathered, ms": lambda found: f"{1e3 * found['record']['gather']:.2f}",
    "Dask's scheduler, a task, ms": lambda found: f"{1e3 * found['scheduling']:.2f}",
    "a cell of 1,000 steps in the store, kB": lambda found: f"{found['record']['bytes'] / 1e3:.0f}",
    "the same in memory, kB": lambda found: f"{found['record']['memory'] / 1e3:.0f}",
    "the data that a worker opens, MB": lambda found: f"{found['record']['inputs'] / 1e6:.1f}",
}


def page(results: Mapping[str, Any]) -> str:
    """Return the results as a page."""
    found, points = results["measured"], results["swept"]["points"]
    counts = sorted({row["cells"] for row in points})
    rows = [{"what": name, "value": value(found)} for name, value in INPUTS.items()]
    fit = [
        {"norm": norm, **dict(zip("abc", map(_short, values), strict=True))} for norm, values in found["fit"].items()
    ]
    ideal = [row for row in points if row["scenario"] == NAMES[0] and row["cells"] == counts[-1]]
    return PAGE.format(
        machine=measured_on(results["machine"], "all are used", "up to 4 of it"),
        inputs=table(rows, {"what": "", "value": "median"}),
        fit=table(fit, {"norm": "norm", "a": "a, s", "b": "b, s", "c": "c, s"}),
        stacks=table(
            [{**row, "seconds": _short(row["seconds"])} for row in found["stacks"]],
            {"norm": "norm", "cells": "cells", "steps": "steps", "seconds": "CPU time, s"},
        ),
        **_runs(results["rounds"]),
        largest=LARGEST,
        half=_half(results["swept"]["limits"]),
        spans="\n\n".join(_spans([row for row in points if row["cells"] == count]) for count in counts),
        most=counts[-1],
        phases=_phases(ideal),
        price=PRICE,
        deaths=ALLOWED + 1,
        given_up=sum(row["given_up"] for row in points),
    )


def _short(value: float) -> str:
    return f"{value:.3g}"


def _runs(rounds: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    rows = []
    for engine, each in rounds.items():
        every = list(zip(*(one["run"]["rows"] for one in each), strict=True))
        alone = middle(every[0])
        for same in every:
            row, shown = middle(same), {"engine": engine}
            shown |= {"workers": row["workers"], "stacks": len(row["stacks"]), "cores": f"{row['cores']:.2f}"}
            for key, made in {"cpu": "predicted_cpu", "seconds": "predicted"}.items():
                shown |= {key: f"{row[key]:.1f}", made: f"{row[made]:.1f}"}
                errors = [f"{100 * (one[made] / one[key] - 1):+.0f}" for one in (row, *same)]
                shown |= {f"{key}_error": f"{errors[0]} ({', '.join(errors[1:])})"}
            rows.append(shown | {f"{key}_faster": f"{alone[key] / row[key]:.2f}" for key in ("predicted", "seconds")})
    columns = {"engine": "engine", "workers": "workers", "stacks": "stacks", "cores": "cores"}
    columns |= {"predicted_cpu": "CPU time predicted, s", "cpu": "run", "cpu_error": "error, % (each round)"}
    columns |= {"predicted": "time predicted, s", "seconds": "run", "seconds_error": "error, % (each round)"}
    columns |= {"predicted_faster": "speed-up predicted", "seconds_faster": "run"}
    one = next(iter(rounds.values()))
    return {"runs": table(rows, columns), "count": one[0]["run"]["driver"]["cells"], "rounds": len(one)}


def _half(limits: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for name in NAMES:
        own = [row for row in limits if row["scenario"] == name]
        rows.append({"scenario": name, **{row["cells"]: f"{_most(row)}: {row['limit']}" for row in own}})
    return table(rows, {"scenario": "", **{row["cells"]: f"{row['cells']:,} cells" for row in limits}})


def _most(row: Mapping[str, Any]) -> str:
    return "more than " * row["to_the_end"] + f"{row['half_busy']:,}" if row["half_busy"] else "not one"


def _spans(points: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for name in NAMES:
        own = {row["workers"]: row for row in points if row["scenario"] == name}
        shown = {at: f"{duration(row['makespan'])} ({100 * row['efficiency']:.0f}%)" for at, row in own.items()}
        rows.append({"scenario": name, **shown})
    return table(rows, {"scenario": f"{points[0]['cells']:,} cells", **{at: f"{at:,}" for at in WORKERS}})


def _phases(points: Sequence[Mapping[str, Any]]) -> str:
    names = ("prepare", "start", "train", "gather")
    rows = [
        {"workers": f"{row['workers']:,}", **{name: duration(row[name]) for name in names}}
        | {"core_hours": f"{row['core_hours']:,.0f}", "cost": f"{row['cost']:,.1f}"}
        for row in points
    ]
    return table(rows, {name: name for name in ("workers", *names)} | {"core_hours": "core hours", "cost": "price"})
