"""The stage from files to files."""

import pytest

from normshift import records, tables
from normshift.folders import Folders
from normshift.measure import BUILDERS
from normshift.measure.__main__ import run

from .made_up import cells, config, record

KINDS = {"none": [0, 4, 8, 12, 13], "batch": [1, 5, 9, 2], "layer": [3, 6, 7, 10]}
WRITTEN = [*BUILDERS, "cells"]


def _written(root, kinds=KINDS):
    folders = Folders(root)
    tables.write(cells(kinds).sort_values("cell"), "cells", folders.runs("core"))
    for kind, numbers in kinds.items():
        records.write(record(kind, numbers), folders.runs("core") / f"{kind}.npz")
    run(config(), folders, "core")
    return folders.shifts("core")


@pytest.mark.parametrize("kinds", [KINDS, {"none": [0, 1]}, {"layer": [0, 1]}])
def test_every_table_fits_its_schema_and_is_sorted_by_cell(tmp_path, kinds):
    folder = _written(tmp_path, kinds)
    assert sorted(path.stem for path in folder.iterdir()) == sorted(WRITTEN)
    for name in WRITTEN:
        assert tables.read(name, folder)["cell"].is_monotonic_increasing
    for name in ("outcomes", "shifts", "motion", "cells"):
        assert set(tables.read(name, folder)["cell"]) == {number for numbers in kinds.values() for number in numbers}


def test_the_same_records_give_the_same_bytes(tmp_path):
    first, second = (_written(tmp_path / name) for name in "ab")
    for name in WRITTEN:
        assert (first / f"{name}.parquet").read_bytes() == (second / f"{name}.parquet").read_bytes()


def test_all_studies_are_measured_unless_one_is_named(tmp_path):
    folder = _written(tmp_path)
    before = (folder / "shifts.parquet").read_bytes()
    (folder / "shifts.parquet").unlink()
    run(config(), Folders(tmp_path))
    assert (folder / "shifts.parquet").read_bytes() == before


def test_a_file_that_is_cut_is_refused_in_one_line(tmp_path):
    _written(tmp_path)
    path = Folders(tmp_path).runs("core") / "batch.npz"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(records.BadRecord, match="batch.npz.*cannot be read"):
        run(config(), Folders(tmp_path), "core")
