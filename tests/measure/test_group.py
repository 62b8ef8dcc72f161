from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from normshift.measure import BUILDERS
from normshift.measure import group as module
from normshift.measure.group import described, factor, groups
from normshift.records import BadRecord
from normshift.tables import BadTable
from normshift.train.stacks import rate_of, rates
from tests.train.made_up import EVERY, cell

from .made_up import RULES, cells, record, study

NUMBERS = [4, 1, 9, 7, 2]


@pytest.mark.parametrize("name", sorted(BUILDERS))
@pytest.mark.parametrize("kind", ["none", "batch", "layer", "batch-detail"])
def test_tables_do_not_depend_on_how_cells_are_grouped(name, kind, monkeypatch):
    table = described(cells({kind: NUMBERS}), study())
    made = record(kind.partition("-")[0], NUMBERS, detail="detail" in kind)
    found = []
    for most in (1, 2, 100):
        monkeypatch.setattr(module, "MOST", most)
        parts = [BUILDERS[name](part, RULES) for part in groups({kind: made}, table)]
        found.append(pd.concat(parts).sort_values("cell", kind="stable", ignore_index=True))
    pd.testing.assert_frame_equal(found[0], found[2], check_dtype=False, check_exact=True)
    pd.testing.assert_frame_equal(found[1], found[2], check_dtype=False, check_exact=True)


def test_a_cell_keeps_its_own_row_of_table_cells():
    table = described(cells({"batch": NUMBERS}), study())
    (whole,) = groups({"batch": record("batch", NUMBERS)}, table.sample(frac=1, random_state=0))
    assert whole.cells["cell"].tolist() == NUMBERS == whole.numbers.tolist()


def test_a_file_with_other_cells_than_the_table_is_refused():
    table = described(cells({"batch": NUMBERS}), study())
    with pytest.raises(BadRecord, match="batch.*dvc repro"):
        list(groups({"batch": record("batch", [*NUMBERS[:-1], 99])}, table))


def test_a_file_without_an_array_is_refused():
    table = described(cells({"batch": NUMBERS}), study())
    cut = record("batch", NUMBERS)
    del cut["corners"], cut["noise"]
    with pytest.raises(BadRecord, match="batch: arrays missing: corners, noise"):
        list(groups({"batch": cut}, table))


@pytest.mark.parametrize("axis", ["order", "norm"])
def test_a_name_that_the_study_does_not_know_is_refused(axis):
    table = cells({"batch": NUMBERS}).assign(**{axis: "alphabetical"})
    with pytest.raises(BadTable, match=f"{axis} alphabetical"):
        described(table, study())


@pytest.mark.parametrize("arm", EVERY, ids=lambda arm: arm.name)
@pytest.mark.parametrize("parameter", ["gamma", "beta", "weight"])
def test_every_arm_learns_at_the_rate_that_training_takes(arm, parameter):
    one = cell(steps=120, lr=1.0, schedule="cosine")
    one = replace(one, norm=arm)
    name = {"weight": "linear.weight"}.get(parameter, f"affine.{parameter}")
    taken = rates([one], torch.float64, "cpu")[0, :, [0, rate_of(f"hidden.0.{name}")]].T
    for step in range(120):
        assert factor(arm, parameter, step, 120) * taken[0, step] == pytest.approx(taken[1, step].item(), rel=1e-12)


def test_what_is_not_finite_is_missing():
    table = described(cells({"batch": NUMBERS}), study())
    (whole,) = groups({"batch": record("batch", NUMBERS)}, table)
    assert np.isinf(whole.record["moments"]).any()
    assert not np.isinf(whole.array("moments")).any()
