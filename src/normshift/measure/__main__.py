"""Measure: from the records of a study's cells to tidy tables."""

import pandas as pd
from threadpoolctl import threadpool_limits

from normshift import launch, records, tables
from normshift.folders import Folders
from normshift.measure import BUILDERS
from normshift.measure.group import described, groups
from normshift.params import Config


def run(config: Config, folders: Folders, study: str | None = None) -> None:
    """Measure a study, or all of them."""
    # Products of these sizes take five times as long in several threads, and may add in another order.
    with threadpool_limits(1):
        _run(config, folders, study)


def _run(config: Config, folders: Folders, study: str | None) -> None:
    for name in config.studies if study is None else [study]:
        cells = tables.read("cells", folders.runs(name))
        read = {record: records.read(folders.runs(name) / f"{record}.npz") for record in cells["record"].unique()}
        parts = list(groups(read, described(cells, config.studies[name])))
        for table, build in BUILDERS.items():
            frame = pd.concat([build(part, config.claims.rules) for part in parts], ignore_index=True)
            tables.write(frame.sort_values("cell", kind="stable"), table, folders.shifts(name))
        tables.write(cells, "cells", folders.shifts(name))


def main() -> None:
    """Run the stage from the command line."""
    launch.main("measure", run)


if __name__ == "__main__":
    main()
