"""Plan beyond what runs here: `python -m benchmarks.scale [--simulate] [--engine NAME] [--quick]`.

Measures stacks, workers, the store, the driver and Dask's scheduler on this machine, checks the simulation made of them
against real runs of the stage `train`, and simulates up to a million cells on up to ten thousand workers. `--simulate`
takes what was measured and run before. The rounds of another engine are put beside those that there are.
Results: benchmarks/results/scale.json, and scale.md.
"""

import argparse
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import scale_runs, scale_times
from benchmarks.machine import load, machine, now
from benchmarks.scale_formula import fitted, middle
from benchmarks.scale_page import page
from benchmarks.scale_study import NORMS, QUICK, Extent, prepared
from benchmarks.scale_sweep import CELLS, swept
from benchmarks.timing import ONE_THREAD

Results = dict[str, Any]


def simulated(known: Mapping[str, Any], counts: Sequence[int] = CELLS) -> Results:
    """Return the rounds with what the simulation says of their runs, the sweep, and what it is made of: medians."""
    rounds = {engine: [_predicted(one, engine) for one in each] for engine, each in known["rounds"].items()}
    whole = middle(rounds.get("local") or next(iter(rounds.values())))
    found = whole["measured"]
    found["fit"] = {norm: fitted(found["stacks"], norm) for norm in NORMS}
    found["driver"] = asdict(scale_runs.driver(found, whole["run"]["driver"]))
    return {"machine": known["machine"], "rounds": rounds, "measured": found, "swept": swept(found, counts)}


def _predicted(one: Mapping[str, Any], engine: str) -> Results:
    how = one["measured"], one["run"]["driver"], engine
    rows = [row | scale_runs.predicted(row, *how) for row in one["run"]["rows"]]
    return {"measured": one["measured"], "run": {**one["run"], "rows": rows}}


def main() -> None:
    """Measure, run, simulate, write the results, and say where they are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulate", action="store_true", help="only simulate, with what was measured before")
    parser.add_argument("--engine", default="local", metavar="NAME", help="who runs the stacks of the real runs")
    parser.add_argument("--quick", action="store_true", help="little of each, in build/benchmarks: does it work?")
    parser.add_argument("--out", type=Path, help="folder of the results")
    arguments = parser.parse_args()
    folder = arguments.out or Path("build/benchmarks" if arguments.quick else "benchmarks/results")
    kept = folder / "scale.json"
    known = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {"rounds": {}}
    if not arguments.simulate:
        os.environ.update(ONE_THREAD)
        known = measured(known, QUICK if arguments.quick else Extent(), arguments.engine)
    saved(simulated(known), folder)


def measured(known: Mapping[str, Any], extent: Extent, engine: str) -> Results:
    """Return what is known with an engine's rounds anew: in each everything is measured, and then run."""
    facts, folders = machine(0), prepared(Path("build/benchmarks/scale").resolve(), extent)
    rounds = []
    for _ in range(extent.rounds):
        found = scale_times.measured(folders, extent)
        rounds.append({"measured": found, "run": scale_runs.run(folders, extent, engine)})
        print(rounds[-1], flush=True)
    facts |= {"ended": now(), "load_at_end": load()}
    return {"machine": facts, "rounds": {**known["rounds"], engine: rounds}}


def saved(results: Results, folder: Path) -> None:
    """Write the results, and the page."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scale.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (folder / "scale.md").write_text(page(results), encoding="utf-8")
    print(folder / "scale.md")


if __name__ == "__main__":
    main()
