import numpy as np
import pandas as pd
import pytest

from normshift.judge.frames import confounded, joined, mean_log, of_arm, rows, seeds, windowed

from .made_up import JUDGED, RATES, registered, study

RULES = registered().rules


@pytest.mark.parametrize("steps, early, late", [(1000, 99, 800), (120, 11, 96), (10, 0, 8)])
def test_windows_are_the_first_tenth_and_the_last_fifth(steps, early, late):
    table = pd.DataFrame({"step": range(steps), "steps": steps})
    assert windowed(table, "early", RULES)["step"].tolist() == list(range(early + 1))
    assert windowed(table, "late", RULES)["step"].tolist() == list(range(late, steps))


def test_rows_are_judged_reshuffled_and_clean_unless_said_otherwise():
    tables = joined({"core": study()})
    own = rows(tables["outcomes"])
    assert set(own["role"]) == {"judged"} and set(own["regime"]) == {"clean"} and set(own["order"]) == {"reshuffle"}
    assert rows(tables["outcomes"], order="sorted").empty
    assert set(rows(tables["outcomes"], role="tuning", regime="fresh")["seed"]) == {1000, 1001, 1002, 1003}
    assert seeds(tables) == list(JUDGED)


def test_mean_log_averages_logs_and_keeps_what_is_missing_missing():
    table = pd.DataFrame({"norm": "none", "lr": 0.1, "seed": [1, 1, 2, 2, 3, 3], "x": [1, np.e, 1, np.nan, 1, 0]})
    means = of_arm(mean_log(table, "x"), "none", [0.1, 0.3])
    assert means.loc[1, 0.1] == pytest.approx(0.5)
    assert np.isnan(means.loc[[2, 3], 0.1]).all() and np.isnan(means[0.3]).all()
    assert of_arm(mean_log(table.iloc[:0], "x"), "none", [0.1]).empty


def test_cells_of_several_studies_keep_their_own_rows():
    tables = joined({"one": study({"outcomes.area": lambda row: 7.0}), "two": study()})
    assert tables["outcomes"]["cell"].is_unique
    assert set(tables["outcomes"].query("study == 'one'")["area"]) == {7.0}
    assert tables["losses"].groupby("cell")["study"].nunique().eq(1).all()
    assert set(tables["outcomes"]["lr"]) == set(RATES)


@pytest.mark.parametrize("factor, other", [("depth", 3), ("width", 8), ("activation", "tanh")])
def test_cells_that_differ_in_architecture_are_said_to(factor, other):
    table = joined({"core": study()})["outcomes"]
    assert confounded(table) is None
    both = pd.concat([table, table.assign(**{factor: other})])
    assert confounded(both) == f"cells differ in {factor} too, which the claim does not tell apart"


def test_cells_that_differ_in_nothing_known_are_still_said_to_be_several():
    table = joined({"core": study()})["outcomes"]
    assert confounded(pd.concat([table, table])).startswith("several cells have the same norm, order")
