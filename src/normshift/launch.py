"""How every stage is started: DVC's own call, a single run with overrides below build/single, or a whole pipeline."""

import argparse
import errno
import importlib
import json
import logging
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import NoReturn

from normshift.faults import Parser, guarded, is_full
from normshift.folders import Folders, project_root
from normshift.grid import planned
from normshift.params import Config, Refused, Study, typed
from normshift.plan import sentence

STAGES = ("configure", "fetch", "shuffle", "train", "measure", "judge", "report")
PER_STUDY = ("train", "measure")
SINGLE = Path("build", "single")
TAKEN = ("data", "reports", "src", "conf", ".dvc", ".git")  # folders of the project that no other run may write into
EXAMPLES = """Without overrides: what `dvc repro` calls, on build/config.json and data/.
With overrides (Hydra's grammar): everything up to this stage below build/single/, never a DVC output.

  python -m normshift.{stage} study=core norm=batch lr=0.3
  python -m normshift.{stage} study=core 'lr=[0.1,0.3]' seed=0 steps=200
  python -m normshift.{stage} profile=smoke

Any axis of a study (norm, lr, order, regime, batch_size, seed, model, model.depth, ...) can be set: it replaces the
values that the study gives it. So can every key of params.yaml; `normshift --help` lists groups and their options."""

Run = Callable[..., None]
log = logging.getLogger("normshift")


def main(stage: str, run: Run) -> NoReturn:
    """Start a stage from the command line; `run` is its work."""
    sys.exit(guarded(partial(_start, stage, run, sys.argv[1:]), stage))


def load(folders: Folders) -> Config:
    """Read the resolved configuration, or raise `Refused`."""
    try:
        return typed(Config, json.loads(folders.config.read_text(encoding="utf-8")))
    except Refused as refused:
        raise Refused([f"{folders.config}: {line}" for line in refused.lines]) from None
    except FileNotFoundError:
        raise Refused([f"{folders.config} is missing: run `python -m normshift.configure`, or `dvc repro`"]) from None
    except ValueError as error:
        fault = " ".join(str(error).split())
        raise Refused([f"{folders.config} cannot be read ({fault}): run `python -m normshift.configure`"]) from None


def pipeline(config: Config, folders: Folders, until: str = "report", own: Mapping[str, Run] | None = None) -> None:
    """Run all stages up to ``until`` in this process, below a root that is not DVC's; ``own`` overrides their work."""
    root, project = folders.root.resolve(), project_root()
    taken = any(root.is_relative_to((project / name).resolve()) for name in TAKEN)
    if taken or (root / "dvc.yaml").exists() or project.is_relative_to(root):
        raise Refused([f"--root {folders.root}: must be a folder of its own, such as build/single"])
    for stage in STAGES[: STAGES.index(until) + 1]:
        work = (own or {}).get(stage) or _work(stage)
        for study in config.studies if stage in PER_STUDY else [None]:
            _clear(results(stage, folders, study))
            _announced(stage, work, config, folders, study)


def _work(stage: str) -> Run:
    """Stages are imported by name: this module lies below them."""
    return importlib.import_module(f"normshift.{stage}.__main__").run


def results(stage: str, folders: Folders, study: str | None) -> Path:
    """Return where a stage puts its result."""
    places = {"configure": folders.config, "fetch": folders.raw, "shuffle": folders.shuffled}
    places |= {"judge": folders.verdicts, "report": folders.reports / "index.html"}
    per_study = {"train": folders.runs, "measure": folders.shifts}
    return per_study[stage](study or "") if stage in per_study else places[stage]


def _start(stage: str, run: Run, arguments: list[str]) -> None:
    given = _parser(stage).parse_intermixed_args(arguments)
    names = [text.removeprefix("study=") for text in given.overrides if text.startswith("study=")]
    overrides = [text for text in given.overrides if not text.startswith("study=")]
    # What was given is relative to where the command was called.
    weights = given.weights.resolve() if given.weights else None
    root = given.root.resolve() if given.root else None
    os.chdir(project_root())
    if overrides or root or weights or (names and stage not in PER_STUDY):
        overrides += [f"studies=[{','.join(names)}]"] if names else []
        config = _composed(overrides, single=True)
        work = run if weights is None else partial(run, weights=_one_cell(config, weights))
        pipeline(config, Folders(root or SINGLE), stage, {stage: work})
        _ = weights and log.info("weights: %s", weights)
    else:
        folders = Folders()
        config = _composed([], single=False) if stage == "configure" else load(folders)
        for study in _asked(config, names) if stage in PER_STUDY else [None]:
            _announced(stage, run, config, folders, study)


def _composed(overrides: list[str], single: bool) -> Config:
    return importlib.import_module("normshift.configure.__main__").compose(Path.cwd(), overrides, single)


def _announced(stage: str, work: Run, config: Config, folders: Folders, study: str | None) -> None:
    if stage == "train":
        assert study
        log.info("%s: %s", study, sentence(config.studies[study], config.data, config.engine))
    try:
        work(config, folders, study)
    except OSError as error:
        if is_full(error) and not error.filename:
            raise OSError(errno.ENOSPC, str(error), str(results(stage, folders, study))) from error
        raise
    log.info("%s: %s", f"{stage} {study}" if study else stage, results(stage, folders, study))


def _asked(config: Config, names: list[str]) -> list[str]:
    if unknown := [name for name in names if name not in config.studies]:
        raise Refused([f"study={name}: must be one of {', '.join(config.studies)}" for name in unknown])
    return names or list(config.studies)


def _one_cell(config: Config, weights: Path) -> Path:
    cells = [point.cell for study in config.studies.values() for point in planned(study)]
    if len(cells) != 1:
        open_axes = [f"{axis} ({', '.join(values)})" for axis, values in _varied(config.studies).items()]
        raise Refused([f"--weights: needs exactly one cell, these are {len(cells)}: fix {'; '.join(open_axes)}"])
    return weights


def _varied(studies: Mapping[str, Study]) -> dict[str, list[str]]:
    """Return the axes with more than one value left, and those values."""
    values: dict[str, dict[str, None]] = {}
    for name, study in studies.items():
        seeds = [*study.seeds.judged, *study.seeds.tuning]
        for grid in [{"study": [name]}, *study.grids, {"seed": seeds}]:
            for axis, points in grid.items():
                values.setdefault(axis, {}).update(dict.fromkeys(map(str, points)))
    return {axis: list(points) for axis, points in values.items() if len(points) > 1}


def _clear(path: Path) -> None:
    """Remove what an earlier run left, as DVC does: a study that shrank must not keep old files."""
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _parser(stage: str) -> argparse.ArgumentParser:
    stops = f"Run the stage {stage}, or with overrides everything up to it."
    parser = Parser(f"python -m normshift.{stage}", description=stops, epilog=EXAMPLES.format(stage=stage))
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="study=NAME, and overrides")
    parser.add_argument("--root", type=Path, metavar="DIR", help="run everything up to this stage below DIR")
    if stage == "train":
        parser.add_argument("--weights", type=Path, metavar="FILE", help="also keep the one cell's trained network")
    parser.set_defaults(weights=None)
    return parser
