"""The layout keeps its promises: imports one way, complete registries, thin stage scripts, dvc.yaml as the code is."""

import ast
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import grimp
import pytest
import yaml

from normshift.folders import Folders
from normshift.launch import STAGES

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "normshift"
PATHS = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
MODULES = sorted(PACKAGE.rglob("*.py"))
ONE_EACH = (
    "engines",
    "fetch/readers",
    "judge/claims",
    "networks/normalisers",
    "shuffle/orders",
    "train/optimizers",
    "train/schedules",
)
SHARING = ("figures", "metrics", "networks/architectures")  # entries share pieces that lie beside them
PIPELINE = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
NO_INPUT = {
    "normshift",
    "normshift.launch",
    "normshift.plan",
    "normshift.folders",
}  # start stages, say where things lie
DOORS = {  # what else may touch disk, and why
    "configure/sources.py",  # the one reader of conf/
    "fetch/download.py",  # keeps what it downloads
    "fetch/http.py",  # writes what it downloads
    "fetch/own.py",  # reads people's own files
    "train/where.py",  # reads the code that trains
    "train/compiled/compiling.py",  # reads the code that it compiles
    "train/worker.py",  # runs in worker processes
}
DISK = re.compile(
    r"\bopen\(|\.(read|write)_(text|bytes)\(|\.to_parquet\(|np\.(save|load)\b|\.mkdir\(|shutil\.|os\.remove"
)


def named(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("normshift", cache_dir=None)


def test_imports_go_one_way():
    lint = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run(
        [sys.executable, "-c", lint], cwd=ROOT, env=PATHS, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("folder", ONE_EACH)
def test_every_file_of_a_kind_is_registered_under_its_name(folder):
    registry = importlib.import_module(f"normshift.{folder.replace('/', '.')}").REGISTRY
    assert type(registry) is dict
    assert {name.lower() for name in registry} == {path.stem for path in _files(folder)}


@pytest.mark.parametrize("folder", SHARING)
def test_every_file_of_a_kind_is_used(imports, folder):
    package = f"normshift.{folder.replace('/', '.')}"
    assert type(importlib.import_module(package).REGISTRY) is dict
    for path in _files(folder):
        assert imports.find_modules_that_directly_import(f"{package}.{path.stem}"), path.name


def _files(folder: str) -> list[Path]:
    return [path for path in (PACKAGE / folder).glob("*.py") if path.stem != "__init__"]


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_no_module_is_a_grab_bag(path):
    assert not {"utils", "util", "helpers", "common", "misc"} & {*path.with_suffix("").parts}


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_importing_does_no_work(path):
    allowed = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign | ast.If
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        assert docstring or isinstance(node, allowed), f"{named(path)}:{node.lineno}"
        if isinstance(node, ast.If):
            assert ast.unparse(node.test) in {"__name__ == '__main__'", "TYPE_CHECKING"}, f"{named(path)}:{node.lineno}"


@pytest.mark.parametrize("stage", STAGES)
def test_only_the_stage_script_touches_disk_and_it_is_short(stage):
    script = PACKAGE / stage / "__main__.py"
    assert len(script.read_text(encoding="utf-8").splitlines()) <= 40
    for path in (PACKAGE / stage).rglob("*.py"):
        if path != script and named(path) not in DOORS:
            assert not DISK.search(path.read_text(encoding="utf-8")), named(path)


def test_dvc_runs_the_stages_in_order():
    assert tuple(PIPELINE) == STAGES
    for name, stage in PIPELINE.items():
        study = " study=${item.study}" if "matrix" in stage else ""
        assert stage["cmd"] == f"python -m normshift.{name}{study}"


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_the_code_it_imports(imports, stage):
    own = {f"normshift.{stage}", *imports.find_descendants(f"normshift.{stage}")}
    used, waiting = set(), list(own)
    while waiting:  # what launch.py and its like import is not what the stage computes with
        module = waiting.pop()
        if module not in used | NO_INPUT:
            used.add(module)
            waiting += imports.find_modules_directly_imported_by(module)
    tops = {PACKAGE / module.split(".")[1] for module in used}
    needed = {f"src/normshift/{path.name}" if path.is_dir() else f"src/normshift/{path.name}.py" for path in tops}
    assert needed == {path for path in PIPELINE[stage]["deps"] if path.startswith("src/")}


def test_folders_are_those_of_dvc_yaml():
    study, folders = "${item.study}", Folders()
    outs = {
        stage: [_path(out) for kind in ("outs", "metrics") for out in PIPELINE[stage].get(kind, [])] for stage in STAGES
    }
    assert outs["configure"] == [str(folders.config)]
    assert outs["fetch"] == [str(folders.raw)]
    assert outs["shuffle"] == [str(folders.shuffled)]
    assert outs["train"] == [str(folders.runs(study))]
    assert outs["measure"] == [str(folders.shifts(study))]
    assert outs["judge"] == [
        str(folders.verdicts),
        *(f"{folders.reports}/{name}.json" for name in ("summary", "metrics")),
    ]
    assert outs["report"] == [f"{folders.reports}/{name}" for name in ("curves", "figures", "index.html", "tables")]


def _path(out) -> str:
    return out if isinstance(out, str) else next(iter(out))
