"""Judge: read the tables of the studies in the run, write effects, verdicts, the thread, summary and metrics."""

from normshift import launch, tables
from normshift.folders import Folders
from normshift.judge.frames import READ
from normshift.judge.stage import judge
from normshift.judge.summary import text
from normshift.params import Config


def run(config: Config, folders: Folders, study: str | None = None) -> None:
    """Judge every claim on the tables of all studies, or of one."""
    names = config.studies if study is None else [study]
    batches = {"heterogeneity": tables.read("heterogeneity", folders.shuffled)}
    own = {name: {table: tables.read(table, folders.shifts(name)) for table in ("cells", *READ)} for name in names}
    studies = {name: batches | read for name, read in own.items()}
    outcome = judge(config.claims, studies, config.studies[next(iter(names))].cell, config.left_out)
    tables.write(outcome.effects, "effects", folders.verdicts)
    folders.reports.mkdir(parents=True, exist_ok=True)
    for path, data in {
        folders.verdicts / "verdicts.json": outcome.verdicts,
        folders.verdicts / "thread.json": outcome.thread,
        folders.reports / "summary.json": outcome.summary,
        folders.reports / "metrics.json": outcome.metrics,
    }.items():
        path.write_text(text(data), encoding="utf-8")


def main() -> None:
    """Run the stage from the command line."""
    launch.main("judge", run)


if __name__ == "__main__":
    main()
