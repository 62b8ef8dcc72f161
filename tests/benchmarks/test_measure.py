"""What stands for the records of many cells has their shape and is measured like them."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.measure import measured, repeated, stand_in
from benchmarks.measure_page import page
from normshift.params import Model, Norm
from normshift.records import CELL, PLAN
from tests.measure.made_up import record
from tests.train.made_up import cell


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


def test_what_stands_for_a_cell_has_its_shape():
    model = Model("tiny", "linear", 2, 7, "tanh", "squared")
    kinds = {"none": "none", "none_noisy": "none", "layer": "batch", "yoked": "batch"}
    for kind, expected in kinds.items():
        own = replace(cell("batch", steps=90, watch="detail", seed=3), model=model, norm=Norm(kind, kind, True, True))
        found = stand_in(own)
        assert (found.norm.name, found.model.depth, found.model.width) == (expected, 2, 7)
        assert (found.steps, found.watch, found.seed) == (90, "detail", 3)


@pytest.mark.slow
def test_a_few_cells_of_a_study_are_measured_as_the_stage_measures_them(tmp_path):
    found = measured(tmp_path / "run", ["ladder"], 3)
    assert [row["cells"] for row in found["studies"]] == [3] and found["largest"] == "ladder"
    assert all(row["bytes"] > 0 for row in found["tables"]) and found["studies"][0]["tables_mb"] > 0
    facts = {"processor": "p", "caches": {}, "cores": 2, "memory_gib": 1, "system": "s", "python": "3", "versions": {}}
    facts |= {"began": "then", "ended": "now", "load_at_begin": 0.1, "load_at_end": 0.2}
    assert "3 cells of 1 studies" in page({**found, "machine": facts})
