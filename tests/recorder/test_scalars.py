"""Scalars of a recording are numbers of its tables."""

import numpy as np
import pytest

from normshift.recorder.tensorboard import scalars
from tests.recorder.trained import run


@pytest.fixture(scope="module", params=["cnn", "lstm"])
def recorder(request):
    return run(request.param, several=True)


def by_tag(recorder) -> dict[str, dict[int, float]]:
    found: dict[str, dict[int, float]] = {}
    for tag, step, value in scalars(recorder):
        assert step not in found.setdefault(tag, {}) and np.isfinite(value)
        found[tag][step] = value
    return found


def test_every_layer_has_its_drift_distance_and_noise(recorder):
    names = recorder.tables()["layers"]["name"]
    quantities = ("drift per update", "distance from the start", "noise between batches")
    assert set(by_tag(recorder)) == {f"{one}/{name}" for one in quantities for name in names} | {"loss"}


def test_values_are_those_of_the_tables_row_by_row(recorder):
    tables, found = recorder.tables(), by_tag(recorder)
    names = dict(zip(tables["layers"]["layer"], tables["layers"]["name"], strict=True))
    sites = {number: sites[0] for number, sites in zip(names, tables["layers"]["sites"], strict=True)}
    seen = 0
    for row in tables["shifts"].itertuples():
        if row.mode == "batch" and row.site == sites[row.layer] and row.horizon in ("step", "start"):
            step = row.horizon == "step"
            tag, value = ("drift per update", row.mean_shift) if step else ("distance from the start", row.w2)
            assert found[f"{tag}/{names[row.layer]}"].get(row.later, np.nan) == pytest.approx(value, nan_ok=True)
            seen += 1
    assert seen == sum(len(points) for tag, points in found.items() if tag[0] == "d")


def test_the_loss_is_there_where_it_was_told():
    told, silent = by_tag(run()), by_tag(run(steps=0))
    assert sorted(told["loss"]) == run().recording.steps and "loss" not in silent
