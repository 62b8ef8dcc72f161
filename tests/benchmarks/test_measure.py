"""What stands for the records of many cells has their shape and is measured like them."""

import numpy as np
import pytest

from benchmarks.measure import DETAIL, STUDIES, page, planned, repeated
from normshift.records import CELL, PLAN
from tests.measure.made_up import record


def test_repeated_records_differ_but_for_what_is_counted():
    whole = record("batch", [0, 1, 2], detail=True)
    some = [{name: array if name in PLAN else array[place] for name, array in whole.items()} for place in range(3)]
    some = [{name: array for name, array in one.items() if name != "cell"} for one in some]
    made = repeated(some, range(10, 17), np.random.default_rng(0))
    assert made["cell"].tolist() == list(range(10, 17)) and made.keys() == whole.keys()
    for name in made.keys() & CELL.keys():
        original = np.stack([some[place % 3][name] for place in range(7)])
        assert made[name].dtype == original.dtype
        assert np.array_equal(np.isnan(made[name]), np.isnan(original)), name
        if original.dtype.kind == "f":
            known = np.isfinite(original) & (original != 0)
            assert 0 < np.abs(made[name][known] / original[known] - 1).max() < 0.1, name
        else:
            assert np.array_equal(made[name], original)


def test_the_default_studies_are_planned_with_a_few_cells_watched_in_detail():
    assert sum(STUDIES.values()) == 3908
    points = planned(STUDIES["core"], DETAIL, 1000)
    assert sum(point.cell.watch == "detail" for point in points) == DETAIL
    assert len(points) == STUDIES["core"] and {point.cell.norm.name for point in points} == {"none", "batch"}


@pytest.mark.slow
def test_a_small_study_is_measured_as_the_stage_measures_it(tmp_path):
    from benchmarks.measure import measured

    found = measured(tmp_path / "run", {"core": 12, "null": 6}, 3, 100)
    assert [row["cells"] for row in found["studies"]] == [12, 6]
    assert all(row["bytes"] > 0 for row in found["tables"]) and found["tables_bytes"] > 0
    facts = {"processor": "p", "caches": {}, "cores": 2, "memory_gib": 1, "system": "s", "python": "3", "versions": {}}
    facts |= {"began": "then", "ended": "now", "load_at_begin": 0.1, "load_at_end": 0.2}
    assert "18 cells" in page({**found, "machine": facts})
