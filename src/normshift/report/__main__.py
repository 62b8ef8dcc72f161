"""Report: write the page, its figures, their tables, and the curves for DVC's plots."""

import shutil
from pathlib import Path

from normshift import launch, tables
from normshift.folders import Folders
from normshift.params import Config
from normshift.report.curves import curves
from normshift.report.material import CODE, READ, Material, inputs, others, parsed, results, whole
from normshift.report.page import files
from normshift.report.provenance import processor

CPU = Path("/proc/cpuinfo")


def run(config: Config, folders: Folders, study: str | None = None) -> None:
    """Write the page about every study of the run."""
    mixed = {"heterogeneity": tables.read("heterogeneity", folders.shuffled)}
    effects, places = tables.read("effects", folders.verdicts), {name: folders.shifts(name) for name in config.studies}
    studies = {name: mixed | {table: whole(tables.read(table, at)) for table in READ} for name, at in places.items()}
    source, verdicts, thread, summary = (parsed(path.read_bytes(), path) for path in inputs(folders))
    here, chip = Path(launch.__file__).parent, processor(CPU.read_text(encoding="utf-8") if CPU.exists() else "")
    code = {str(path.relative_to(here)): path.read_bytes() for glob in CODE for path in here.glob(glob)}
    beside = others({path: path.read_bytes() for path in folders.others.glob("*.json")})
    again = results({path: path.read_bytes() for path in folders.reproductions.glob("*.json")})
    material = Material(verdicts, thread, effects, studies, source, code, chip, summary, beside, again)
    for folder in (folders.reports / name for name in ("curves", "figures", "tables")):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)  # an output, even of a run of which there is nothing to draw
    for path, text in (files(config, material) | curves(config, material)).items():
        (folders.reports / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    launch.main("report", run)
