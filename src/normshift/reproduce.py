"""Check choices, write them into params.yaml, prune what left the list of studies, and reproduce."""

import argparse
import configparser
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

from normshift.configure.choices import keys
from normshift.configure.edit import edited, pruned
from normshift.configure.fitting import fitted
from normshift.configure.overrides import Override, apart, flattened, parsed
from normshift.configure.resolve import dumped
from normshift.configure.sources import Sources, sources
from normshift.configure.studies import AXES
from normshift.faults import Parser
from normshift.folders import Folders, project_root
from normshift.params import Config, Data, Refused
from normshift.plan import placed, sentence

EXAMPLES = """examples:
  normshift                                  reproduce what params.yaml says
  normshift data=mnist 'studies=[core]'      change choices, then reproduce
  normshift data=mnist data.inputs=binary    with options of the data set (docs/data.md)
  normshift seeds.judged=24 --dry            say what would be trained, change nothing
  normshift engine=dask engine.workers=8     train by Dask's workers; trains nothing anew (docs/cluster.md)
  normshift profile=smoke --cfg              print the resolved configuration, change nothing
  normshift compare HEAD .                   which verdicts changed since the last commit (normshift compare --help)
  python -m normshift.train study=core norm=batch lr=0.3    one stage, below build/single/, params.yaml untouched"""

# Of the data set, whichever is chosen; what it is made of is for its file in conf/data alone.
OF_DATA = [f"data.{field.name}" for field in fields(Data) if field.name not in ("name", "kind", "files", "mirrors")]
# Of the engine, whichever is chosen.
OF_ENGINE = [key for key in keys() if key.startswith("engine.") and key not in ("engine.name", "engine.kind")]
log = logging.getLogger("normshift")


def command(arguments: list[str]) -> None:
    """Do what the command line says; bad input raises before anything is changed."""
    given = _parser().parse_intermixed_args(arguments)
    root = project_root()
    found = sources(root)
    overrides, config = checked(given.overrides, found)
    if given.cfg:
        print(dumped(config), end="")
        return
    _refuse_without_git(root)
    for name, study in config.studies.items():
        log.info("%s: %s, less what is trained already", name, sentence(study, config.data, config.engine))
    log.info(placed(config.engine))
    _change(root, config, overrides, given.dry)
    if not given.dry:
        _reproduce(root, own=bool(config.data.path))


def checked(texts: list[str], found: Sources) -> tuple[list[Override], Config]:
    """Return the overrides, each of a key of params.yaml, and what they resolve to, or raise `Refused`."""
    overrides, faults = _choices(texts, found.params)
    try:
        config, texts = fitted(found, [override.text for override in overrides])
    except Refused as refused:
        raise Refused([*faults, *refused.lines]) from None
    if faults:
        raise Refused(faults)
    return _choices(texts, found.params)[0], config


def _choices(texts: list[str], params: Mapping[str, Any]) -> tuple[list[Override], list[str]]:
    keys = [text.partition("=")[0] for text in flattened(params)]
    keys += sorted({key.rpartition(".")[0] for key in keys} - {""})
    keys += OF_DATA + OF_ENGINE
    whole, faults = parsed(texts, keys)
    overrides, more = parsed([text for override in whole for text in apart(override)], keys)
    return overrides, [_hinted(line) for line in [*faults, *more]]


def _hinted(line: str) -> str:
    if line.partition("=")[0] not in AXES:
        return line
    return f"{line}; studies vary it: `python -m normshift.train study=core {line.partition(':')[0]}` runs it once"


def _refuse_without_git(root: Path) -> None:
    """DVC needs a git repository, or to be told that there is none."""
    settings = configparser.ConfigParser()
    settings.read([root / ".dvc" / "config", root / ".dvc" / "config.local"])
    told = settings.get("core", "no_scm", fallback="false").strip().lower() == "true"
    if not told and not any((folder / ".git").exists() for folder in (root, *root.parents)):
        raise Refused([f"no git repository at {root}: run `git init`, or `dvc config --local core.no_scm true`, once"])


def _change(root: Path, config: Config, overrides: list[Override], dry: bool) -> None:
    changes = {"params.yaml": partial(edited, overrides=overrides)}
    changes["dvc.lock"] = partial(pruned, studies=list(config.studies))
    for name, change in changes.items():
        path = root / name
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        if old and (new := change(old)) != old:
            log.info("%s: %s", "would change" if dry else "changed", name)
            _ = dry or path.write_text(new, encoding="utf-8")
    for folder in _left(root, config):
        log.info("%s: %s", "would remove" if dry else "removed", folder.relative_to(root))
        _ = dry or shutil.rmtree(folder)


def _left(root: Path, config: Config) -> Iterator[Path]:
    """DVC keeps the results of studies that left the list, and `judge` would see its input differ for no reason."""
    for parent in (Folders(root).runs(""), Folders(root).shifts("")):
        yield from (path for path in sorted(parent.glob("*")) if path.is_dir() and path.name not in config.studies)


def _reproduce(root: Path, own: bool = False) -> None:
    """Reproduce; one's ``own`` files are read anew each time, for DVC does not look into them."""
    if own:
        _dvc(root, "repro", "--force", "fetch")
    _dvc(root, "repro")
    print(f"report: {Folders(root).reports / 'index.html'}")


def _dvc(root: Path, *arguments: str) -> None:
    here = str(Path(sys.executable).parent)  # first, so that the stages' `python` is this one
    environment = {**os.environ, "PATH": os.pathsep.join([here, os.environ.get("PATH", "")])}
    done = subprocess.run([sys.executable, "-m", "dvc", *arguments], cwd=root, env=environment, check=False)
    if done.returncode:
        raise Refused(["dvc repro failed: the first fault above is the cause; finished cells are kept"])


def _parser() -> argparse.ArgumentParser:
    parser = Parser("normshift", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.epilog = f"{_groups()}\n\n{EXAMPLES}"
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="any key of params.yaml, in Hydra's grammar")
    parser.add_argument(
        "--dry", "--dry-run", action="store_true", help="print what would be trained and changed, change nothing"
    )
    parser.add_argument("--cfg", action="store_true", help="print the resolved configuration, change nothing")
    return parser


def _groups() -> str:
    try:
        found = sources(project_root())
    except ValueError:  # outside a checkout there is help, too
        return "groups and their options: run this inside a checkout to see them"
    lines = [f"  {group + ':':<11}{', '.join(options)}" for group, options in found.groups.items()]
    return "\n".join(["groups and their options (what each means is in conf/):", *lines])
