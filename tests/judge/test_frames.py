from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from normshift.judge.frames import EVERY_VALUE, Confounded, mean_log, of_arm, seeds, windowed

from .made_up import JUDGED, RATES, registered, study, together

RULES = registered().rules


@pytest.mark.parametrize("steps, early, late", [(1000, 99, 800), (120, 11, 96), (10, 0, 8)])
def test_windows_are_the_first_tenth_and_the_last_fifth(steps, early, late):
    table = pd.DataFrame({"step": range(steps), "steps": steps})
    assert windowed(table, "early", RULES)["step"].tolist() == list(range(early + 1))
    assert windowed(table, "late", RULES)["step"].tolist() == list(range(late, steps))


def test_rows_are_those_of_the_reference_cell_and_judged_unless_said_otherwise():
    tables = together({"core": study()})
    own = tables.rows("outcomes")
    assert set(own["role"]) == {"judged"} and set(own["regime"]) == {"clean"} and set(own["order"]) == {"reshuffle"}
    assert tables.rows("outcomes", order="sorted").empty
    assert set(tables.rows("outcomes", role="tuning", regime="fresh")["seed"]) == {1000, 1001, 1002, 1003}
    both = tables.rows("shifts", regime=["clean", "fresh"], norm="none", site="y", horizon="step")
    assert set(both["regime"]) == {"clean", "fresh"} and set(both["norm"]) == {"none"} and set(both["site"]) == {"y"}
    assert len(tables.rows("outcomes", regime=EVERY_VALUE)) == 2 * len(own)
    assert seeds(tables) == list(JUDGED)


def test_mean_log_averages_logs_and_keeps_what_is_missing_missing():
    table = pd.DataFrame({"norm": "none", "lr": 0.1, "seed": [1, 1, 2, 2, 3, 3], "x": [1, np.e, 1, np.nan, 1, 0]})
    means = of_arm(mean_log(table, "x"), "none", [0.1, 0.3])
    assert means.loc[1, 0.1] == pytest.approx(0.5)
    assert np.isnan(means.loc[[2, 3], 0.1]).all() and np.isnan(means[0.3]).all()
    assert of_arm(mean_log(table.iloc[:0], "x"), "none", [0.1]).empty


def test_cells_of_several_studies_keep_their_own_rows():
    tables = together({"one": study({"outcomes.area": lambda row: 7.0}), "two": study()})
    assert tables["outcomes"]["cell"].is_unique
    assert set(tables["outcomes"].query("study == 'one'")["area"]) == {7.0}
    assert tables["losses"].groupby("cell")["study"].nunique().eq(1).all()
    assert set(tables["outcomes"]["lr"]) == set(RATES)
    assert set(tables.of_studies(["one"]).rows("losses")["study"]) == {"one"}


def test_rows_of_several_studies_are_taken_under_each_ones_own_conditions():
    tables = together({"one": study(arms=("none",)), "two": study(arms=("batch",), order=("iid", "single"))})
    found = tables.united("outcomes", ("one", {"lr": 0.1}), ("two", {"order": ["iid"], "lr": 0.3}), ("three", {}))
    assert {(study, order, lr) for study, order, lr in found[["study", "order", "lr"]].itertuples(index=False)} == {
        ("one", "reshuffle", 0.1),
        ("two", "iid", 0.3),
    }
    assert len(found) == 2 * len(JUDGED)


def test_mean_log_may_have_other_keys_and_a_single_one_makes_plain_columns():
    rows = together({"core": study(order=("iid", "single"))}).rows(
        "noise", order=["iid", "single"], norm="none", lr=0.1
    )
    one, two = mean_log(rows, "mean_noise", ["order"]), mean_log(rows, "mean_noise", ["order", "lr"])
    assert one.columns.tolist() == ["iid", "single"] and two["iid", 0.1].equals(one["iid"].rename(("iid", 0.1)))


def changed(tables, **factors):
    """Add to the cells of a study the same ones once more, with other factors."""
    cells = pd.concat([tables.cells, tables.cells.assign(cell=tables.cells["cell"] + len(tables.cells), **factors)])
    again = tables.frames["outcomes"]
    again = pd.concat([again, again.assign(cell=again["cell"] + len(tables.cells))])
    return replace(tables, cells=cells, frames={**tables.frames, "outcomes": again})


@pytest.mark.parametrize("factor, other", [("depth", 3), ("width", 8), ("activation", "tanh"), ("optimizer", "adam")])
def test_cells_that_differ_in_another_factor_are_left_out_unless_it_is_named(factor, other):
    tables = together({"core": study()})
    both = changed(tables, **{factor: other})
    assert len(both.rows("outcomes")) == len(tables.rows("outcomes")) == len(both.rows("outcomes", **{factor: other}))
    assert len(both.rows("outcomes", **{factor: EVERY_VALUE})) == 2 * len(tables.rows("outcomes"))


def test_cells_that_only_the_study_tells_apart_are_refused():
    with pytest.raises(Confounded, match="differ in study, steps too"):
        changed(together({"core": study()}), study="other", steps=7).rows("outcomes")
    with pytest.raises(Confounded, match="several cells have the same norm, lr, seed"):
        changed(together({"core": study()})).rows("outcomes")


def test_equal_cells_of_two_studies_count_once():
    tables = together({"core": study()})
    both = changed(tables, study="other")
    assert len(both.cells) == 2 * len(tables.cells)
    assert len(both.rows("outcomes")) == len(tables.rows("outcomes"))
    assert set(both.of_studies(["other"]).rows("outcomes")["study"]) == {"other"}


def test_studies_of_runs_of_another_length_are_not_united():
    tables = together({"core": study(), "order": study()})
    sources = ("core", {}), ("order", {"norm": "batch"})
    assert len(tables.united("outcomes", *sources)) > 0
    longer = tables.cells["steps"].where(tables.cells["study"] == "core", 7)
    with pytest.raises(Confounded, match="studies core, order differ in steps"):
        replace(tables, cells=tables.cells.assign(steps=longer)).united("outcomes", *sources)
    unlike = replace(tables, cells=tables.cells.assign(steps=longer)).united("outcomes", *sources, long="unlike")
    assert set(unlike["steps"]) > {7}
