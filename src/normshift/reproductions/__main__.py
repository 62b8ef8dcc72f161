"""Run published figures again: train what their recipes say, hold it against what was published, keep the lines.

Without overrides the result goes to reports/reproductions/NAME.json, which the page shows; with overrides it stays
below build/reproductions/NAME.
"""

import argparse
import json
import logging
import os
import sys
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path

from normshift import launch, records, reproductions, tables
from normshift.configure.resolve import resolved
from normshift.configure.sources import Sources, sources
from normshift.faults import Parser, guarded
from normshift.folders import Folders, cell_store, project_root
from normshift.grid import planned
from normshift.params import Config, Refused, typed
from normshift.plan import duration
from normshift.report import provenance
from normshift.reproductions.run import Recipe, Run
from normshift.results import Result
from normshift.train import worker

CPU = Path("/proc/cpuinfo")
log = logging.getLogger("normshift")


def command(arguments: list[str]) -> None:
    """Do what the command line says."""
    given = _parser().parse_intermixed_args(arguments)
    overrides = [text for text in given.arguments if "=" in text]
    names = [text for text in given.arguments if "=" not in text] or list(reproductions.REGISTRY)
    os.chdir(project_root())
    found = sources(Path.cwd())
    if unknown := [name for name in names if name not in reproductions.REGISTRY]:
        raise Refused([f"{name}: must be one of {', '.join(reproductions.REGISTRY)}" for name in unknown])
    for name in names:
        root = Path("build", "reproductions", name)
        result = _result(name, found, overrides, root)
        path = root / "result.json" if overrides else Folders().reproductions / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(result), indent=1, allow_nan=False) + "\n", encoding="utf-8")
        _tell(result, path)


def _result(name: str, found: Sources, overrides: list[str], root: Path) -> Result:
    recipe = typed(Recipe, found.groups["reproduction"][name], f"conf/reproduction/{name}")
    if any(text.startswith("studies=") for text in overrides):
        raise Refused([f"studies: that of {name} is repro_{name}, and no other"])
    config = resolved(found, [*recipe.overrides, *overrides], single=True)
    stored, begin = len(_stored()), time.monotonic()
    run = _run(config, Folders(root), recipe)
    lines, drawn = reproductions.REGISTRY[name](run)
    return Result(
        name=name,
        title=recipe.title,
        source=recipe.source,
        recipe=recipe.recipe,
        departures=recipe.departures,
        data=config.data.name,
        seeds=len({cell.seed for cell in run.cells}),
        networks=len(run.cells),
        seconds=round(time.monotonic() - begin, 1),
        trained=len(_stored()) - stored if recipe.until == "measure" else len(run.cells),
        cores=os.cpu_count() or 1,
        processor=provenance.processor(CPU.read_text(encoding="utf-8") if CPU.exists() else ""),
        versions=provenance.versions(),
        configuration=configured(config),
        lines=lines,
        tables=drawn,
    )


def configured(config: Config) -> str:
    """Return the digest of what a reproduction's numbers depend on: the data set and its studies."""
    chosen = {"data": asdict(config.data), "studies": {name: asdict(one) for name, one in config.studies.items()}}
    return provenance.digest(json.dumps(chosen, sort_keys=True).encode())


def _run(config: Config, folders: Folders, recipe: Recipe) -> Run:
    """Train and measure as far as the recipe says; it has one study."""
    launch.pipeline(config, folders, until=recipe.until)
    (name,) = config.studies
    cells = [point.cell for point in planned(config.studies[name])]
    seen, kept = {}, []
    if recipe.until == "measure":
        seen = {path.stem: tables.read(path.stem, path.parent) for path in folders.shifts(name).glob("*.parquet")}
        kept = [records.read(path) for path in sorted(folders.runs(name).glob("*.npz"))]
    return Run(cells, worker.opened(folders.shuffled, cells), seen, kept)


def _stored() -> list[Path]:
    return list(cell_store().glob("*/*.npz"))


def _tell(result: Result, path: Path) -> None:
    for line in result.lines:
        word = {True: "pass", False: "FAIL", None: "    "}[line.passed]
        middle = "missing" if line.middle is None else f"{line.middle:.4g}"
        log.info("%s %s %s: %s (published: %s)", word, line.target, line.says, middle, line.published)
    log.info("%s: %s, %s", result.name, duration(result.seconds), path)


def _parser() -> argparse.ArgumentParser:
    parser = Parser("python -m normshift.reproductions", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    text = f"reproductions (all of them, if none is named: {', '.join(reproductions.REGISTRY)}), and overrides"
    parser.add_argument("arguments", nargs="*", metavar="NAME | KEY=VALUE", help=text)
    return parser


if __name__ == "__main__":
    sys.exit(guarded(partial(command, sys.argv[1:]), "reproductions"))
