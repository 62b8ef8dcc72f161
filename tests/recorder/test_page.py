"""The page of a recording, its figures, and two recordings beside one another."""

import re
import statistics
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from normshift.figures.numbers import measured
from normshift.figures.plot import NotMeasured
from normshift.figures.recorded import REGISTRY
from normshift.figures.svg import svg
from normshift.recorder.page import page, together
from tests.recorder.trained import run

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def slow():
    return run("resnet", several=True, epoch=12, steps=40, name="slow").recording


@pytest.fixture(scope="module")
def fast():
    return run("resnet", several=True, epoch=12, steps=40, lr=0.6, name=HOSTILE).recording


@pytest.fixture(scope="module")
def tables(slow, fast):
    return together([slow, fast])


@pytest.mark.parametrize("name", REGISTRY)
def test_a_figure_is_drawn_the_same_twice_and_is_not_measured_where_there_is_nothing(tables, name):
    plot = REGISTRY[name]
    frame = plot.data(tables, None)
    one, other = (svg(plot.figure(frame), name, plot.title, plot.describe(frame)) for _ in range(2))
    assert one == other and len(one) < 60_000
    assert ET.fromstring(one).find(".//*[@id]") is not None
    for axes in plot.figure(frame).axes:
        assert axes.get_xlabel() and axes.get_ylabel()
    with pytest.raises(NotMeasured, match=r"\w+ \w+"):
        plot.data({key: table.iloc[:0] for key, table in tables.items()}, None)


def test_words_of_drift_are_the_first_and_last_of_the_table(tables):
    plot = REGISTRY["drift"]
    text, rows = plot.describe(plot.data(tables, None)), tables["shifts"]
    rows = rows[
        (rows["site"] == "y") & (rows["mode"] == "batch") & (rows["horizon"] == "step") & (rows["run"] == "slow")
    ]
    for layer, own in rows.groupby("layer"):
        first, last = own.sort_values("step")["mean_shift"].iloc[[0, -1]]
        assert f"slow, layer {layer}: from {measured(first)} to {measured(last)}" in text


def test_words_of_noise_are_medians_over_layers(tables):
    plot = REGISTRY["noise"]
    text, rows = plot.describe(plot.data(tables, None)), tables["noise"]
    rows = rows[(rows["site"] == "u") & (rows["step"] > 0) & (rows["run"] == "slow")]
    medians = [statistics.median(own["mean_noise"]) for _, own in rows.groupby("layer")]
    assert f"slow: noise {measured(statistics.median(medians))} sigma" in text


def test_a_page_is_one_file_the_same_twice_that_needs_no_network(slow, tmp_path):
    path = slow.report(tmp_path / "folder" / "drift.html")
    text = path.read_text(encoding="utf-8")
    assert text == page([slow]) and len(text) < 300_000
    assert not re.search(r"""(?:src|href)=["'](?!#|data:)""", text) and "<script" not in text
    assert text.count("<svg xmlns") == len(REGISTRY)
    assert "Not measured" not in text


def test_what_people_name_is_escaped(slow, fast):
    text = page([fast, slow])
    assert HOSTILE not in text and "&lt;script&gt;" in text


def test_a_page_says_what_is_missing_and_why():
    text = page([run("lstm").recording])
    assert "Not measured: the recording has no table noise." in text
    assert "this run, noise: it takes batches=: 30 training batches or more" in text
    assert "this run, discrepancies: the model has no batch norm" in text


def test_a_page_before_the_first_update_is_one():
    assert "Not measured: the recording has no table shifts." in page([run("mlp", steps=0).recording])


def test_a_run_compared_with_itself_differs_nowhere(slow, tmp_path):
    found = slow.compare(slow.save(tmp_path / "same"))
    assert found.differences.empty and (found.table["difference"].dropna() == 0).all() and len(found.table) > 100
    text = found.report(tmp_path / "both.html").read_text(encoding="utf-8")
    assert f"0 of {len(found.table)} drifts" in text and "slow 1" in text and "slow 2" in text


def test_differences_are_those_beyond_the_noise_of_one_batch(slow, fast):
    found = slow.compare(fast)
    one, other = (recording.tables() for recording in (slow, fast))
    names = one["layers"].set_index("name")["layer"]
    assert 10 < len(found.differences) < len(found.table)
    for row in found.table.dropna().iloc[::37].itertuples():
        drifts, floors = [], []
        for tables in (one, other):
            shifts = tables["shifts"]
            keys = {"layer": names[row.name], "site": row.site, "horizon": row.horizon, "mode": row.mode}
            keys |= {"step": row.step, "later": row.later}
            (drift,) = shifts[(shifts[list(keys)] == list(keys.values())).all(axis=1)]["mean_shift"]
            noise = tables["noise"]
            noise = noise[(noise["layer"] == names[row.name]) & (noise["site"] == "u") & (noise["step"] <= row.later)]
            drifts.append(drift)
            floors.append(noise.sort_values("step")["mean_noise"].iloc[-1])
        assert row.difference == drifts[1] - drifts[0] and row.floor == max(floors)
        assert row.exceeds == (abs(drifts[1] - drifts[0]) > max(floors))
    shown = found.differences
    assert (np.diff(shown["difference"].abs() / shown["floor"]) <= 0).all()


def test_without_batches_the_floor_is_the_error_of_the_probes_mean():
    found = run("mlp", steps=8).compare(run("mlp", steps=8, lr=1.0))
    assert (found.table["floor"] == 16**-0.5).all()
