import json
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from normshift.reproductions import ioffe_figure_1 as figure
from normshift.reproductions.run import Run

PUBLISHED = json.loads(files("normshift.reproductions").joinpath("ioffe_figure_1.json").read_text("utf-8"))
STEPS = np.arange(0, 50_001, 1000)
RATES = (0.03, 0.05, 0.08)


def curve(arm, factor=1.0):
    """Return the published curve at our steps, its time stretched: what a smaller rate would show."""
    published = np.array(PUBLISHED["accuracy"][arm])
    return np.interp(STEPS / factor, *published.T)


def made_up(rate=0.05, seeds=(0, 1, 2), shift=0.0):
    """Return a run in which the rate is the paper's, and batch norm does what the paper's did, give or take a shift."""
    cells, curves, bands = [], [], []
    for seed in (*seeds, 1000):
        for norm, arm in figure.ARMS.items():
            for lr in RATES:
                number = len(cells)
                role = "tuning" if seed == 1000 else "judged"
                cells.append({"cell": number, "norm": norm, "lr": lr, "role": role, "seed": seed})
                off = shift if role == "judged" and norm == "none" else 0.0
                accuracy = expit(logit(curve(arm, rate / lr)) + off)
                curves.append(pd.DataFrame({"cell": number, "step": STEPS, "mode": "ema", "accuracy": accuracy}))
                curves.append(curves[-1].assign(mode="batch", accuracy=0.5))
                for unit in range(3):
                    lines = dict(zip(figure.BAND, map(np.array, PUBLISHED[arm]), strict=True))
                    shares = STEPS / STEPS[-1]
                    own = {name: np.interp(shares, *line.T) * (1 + 0.1 * (unit - 1)) for name, line in lines.items()}
                    bands.append(pd.DataFrame({"cell": number, "step": STEPS, "unit": unit, **own}))
    tables = {"cells": pd.DataFrame(cells), "test_curves": pd.concat(curves), "unit_bands": pd.concat(bands)}
    return Run([type("Cell", (), {"lr": lr, "seed": 0}) for lr in RATES], None, tables, [])


def test_the_figure_itself_passes_every_line():
    lines, _ = figure.found(made_up())
    assert [line.says for line in lines if line.passed is False] == []
    assert sum(line.passed is True for line in lines) == 8
    assert lines[0].found == [0.05]


def test_the_rate_is_read_off_the_curve_without_batch_norm_of_the_tuning_seeds_alone():
    lines, _ = figure.found(made_up(shift=-3.0))  # what judged seeds do moves nothing
    assert lines[0].found == [0.05]
    run = made_up()
    cells = run.tables["cells"]
    batch = cells.loc[cells["norm"] == "batch", "cell"]
    run.tables["test_curves"].loc[run.tables["test_curves"]["cell"].isin(batch), "accuracy"] = 0.2
    lines, _ = figure.found(run)
    assert lines[0].found == [0.05]
    assert {line.passed for line in lines if line.says.startswith(("least lead", "lead of"))} == {False}


def test_accuracies_are_those_by_running_averages():
    lines, _ = figure.found(made_up())
    (line,) = (line for line in lines if line.says == "test accuracy with batch norm after 10,000 updates")
    assert line.found == pytest.approx([curve("with")[10]] * 3, abs=1e-9)
    assert float(line.published) == pytest.approx(line.found[0], abs=1e-3)


@pytest.mark.parametrize(
    ("accuracy", "crossed"),
    [([0.1, 0.8, 1.0], 1500.0), ([0.1, 0.2, 0.3], None), ([0.95, 0.96, 0.97], 0.0), ([0.1, 0.9, 0.95], 1000.0)],
)
def test_a_crossing_lies_on_the_straight_line_between_two_points(accuracy, crossed):
    found = figure.crossing(np.array([0, 1000, 2000]), np.array(accuracy))
    assert found is crossed or found == pytest.approx(crossed)


def test_what_a_band_does_is_read_by_unit():
    steps = pd.DataFrame({"norm": "none", "seed": 0, "unit": 0, "step": [0, 1, 2]})
    own = steps.assign(q15=[0.0, -3.0, -1.0], q50=[1.0, -2.0, 0.5], q85=[2.0, 0.0, 5.0])
    other = steps.assign(unit=1, q15=[0.0] * 3, q50=[0.5] * 3, q85=[1.0] * 3)
    found = figure.widths(pd.concat([own, other]).sample(frac=1, random_state=0))
    expected = {"first": 2.0, "last": 6.0, "growth": 3.0, "excursion": 3.0, "end": 0.5, "most": 2.0}
    assert found.loc[("none", 0, 0)].to_dict() == expected
    assert found.loc[("none", 0, 1)].to_dict() == dict.fromkeys(("first", "last", "growth"), 1.0) | {
        "excursion": 0.0,
        "end": 0.5,
        "most": 0.5,
    }


def test_a_run_that_ends_early_has_no_accuracy_beyond_its_end():
    assert figure.at(3000, pd.Series([0.1, 0.2], index=[0, 2000])) is None
    assert figure.at(1000, pd.Series([0.1, 0.2], index=[0, 2000])) == pytest.approx(0.15)


def test_a_run_that_diverges_is_missing_where_its_end_is_needed():
    run = made_up()
    cells = run.tables["cells"]
    (lost,) = cells.query("norm == 'batch' and lr == 0.05 and seed == 1")["cell"]
    for name, numbers in (("test_curves", ["accuracy"]), ("unit_bands", list(figure.BAND))):
        table = run.tables[name].reset_index(drop=True)
        table.loc[(table["cell"] == lost) & (table["step"] > 30_000), numbers] = np.nan
        run.tables[name] = table
    lines, tables = figure.found(run)
    json.dumps([tables, [line.found for line in lines]], allow_nan=False)
    missing = [line.says for line in lines if None in line.found]
    assert all(
        [number is None for number in line.found] == [False, True, False] for line in lines if None in line.found
    )
    judged = [line for line in lines if line.passed is not None]
    assert {line.says for line in judged if "until" not in line.says and "begin, without" not in line.says} <= set(
        missing
    )
    assert all(line.passed is False for line in judged if line.says in missing)
