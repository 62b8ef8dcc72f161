"""The stage from files to files."""

import pytest

from normshift import records, tables
from normshift.folders import Folders
from normshift.measure import BUILDERS
from normshift.measure.__main__ import run

from .made_up import cells, config, record

FILES = {"none": [0, 4, 8, 12, 13], "batch": [1, 5, 9, 2], "layer": [3, 6, 7, 10]}
DETAIL = {"none-detail": [14, 16], "batch-detail": [15, 11, 17]}
WRITTEN = [*BUILDERS, "cells"]
OF_DETAIL = ("curvature", "distances", "injected", "gradient_noise")


def _written(root, files=FILES | DETAIL):
    folders = Folders(root)
    tables.write(cells(files).sort_values("cell"), "cells", folders.runs("core"))
    for name, numbers in files.items():
        kind, _, watch = name.partition("-")
        records.write(record(kind, numbers, detail=watch == "detail"), folders.runs("core") / f"{name}.npz")
    run(config(), folders, "core")
    return folders.shifts("core")


@pytest.mark.parametrize("files", [FILES | DETAIL, FILES, DETAIL, {"none": [0, 1]}, {"layer": [0, 1]}])
def test_every_table_fits_its_schema_and_is_sorted_by_cell(tmp_path, files):
    folder = _written(tmp_path, files)
    assert sorted(path.stem for path in folder.iterdir()) == sorted(WRITTEN)
    for name in WRITTEN:
        assert tables.read(name, folder)["cell"].is_monotonic_increasing
    for name in ("outcomes", "shifts", "motion", "cells"):
        assert set(tables.read(name, folder)["cell"]) == {number for numbers in files.values() for number in numbers}
    for name in OF_DETAIL:
        watched = {number for file, numbers in files.items() if file in DETAIL for number in numbers}
        assert set(tables.read(name, folder)["cell"]) == watched, name


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
