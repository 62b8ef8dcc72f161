"""Report: write the page, its figures and their tables."""

import shutil
from pathlib import Path

from normshift import launch, tables
from normshift.folders import Folders
from normshift.params import Config
from normshift.report.curves import curves
from normshift.report.material import CODE, READ, Material, inputs, parsed, whole
from normshift.report.page import files
from normshift.report.provenance import processor

CPU = Path("/proc/cpuinfo")


def run(config: Config, folders: Folders, study: str | None = None) -> None:
    """Write the page about every study of the run."""
    mixed = {"heterogeneity": tables.read("heterogeneity", folders.shuffled)}
    own = {name: {table: whole(tables.read(table, folders.shifts(name))) for table in READ} for name in config.studies}
    studies = {name: mixed | read for name, read in own.items()}
    source, verdicts, thread = (parsed(path.read_bytes(), path) for path in inputs(folders))
    here = Path(launch.__file__).parent
    code = {str(path.relative_to(here)): path.read_bytes() for glob in CODE for path in here.glob(glob)}
    name = processor(CPU.read_text(encoding="utf-8") if CPU.exists() else "")
    material = Material(verdicts, thread, tables.read("effects", folders.verdicts), studies, source, code, name)
    for folder in ("curves", "figures", "tables"):
        shutil.rmtree(folders.reports / folder, ignore_errors=True)
        (folders.reports / folder).mkdir(parents=True)  # an output, even of a run of which there is nothing to draw
    for path, text in (files(config, material) | curves(config, material)).items():
        (folders.reports / path).write_text(text, encoding="utf-8")


def main() -> None:
    """Run the stage from the command line."""
    launch.main("report", run)


if __name__ == "__main__":
    main()
