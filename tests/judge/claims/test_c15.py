import numpy as np
import pytest

from ..made_up import BEST, DESERVED, RATES, evidence, margin, study, verdict


def better_without(dose):
    """Let `none` need fewer steps and bear higher rates by the dose; both arms fail at the highest rate of the grid."""

    def step(row):
        return (100 - 20 * np.log(row["level"])) * np.exp(margin("C15") * dose(row) * (row["norm"] == "batch"))

    def learned(row):
        none = 4 + np.clip(dose(row), 0, None) / 2
        batch = 4 + np.clip(-dose(row), 0, None) / 2
        index = row["lr"].map({lr: place for place, lr in enumerate(RATES)})
        # One grid step is a tie with the margin, so that the arms lie two apart.
        none, batch = 2 * none - 5, 2 * batch - 5
        return index <= np.where(row["norm"] == "none", none, batch)

    return {"targets.step": step, "outcomes.learned": learned}


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert verdict("C15", study(better_without(DESERVED[deserved]))).verdict.verdict == deserved


def test_a_failing_premise_is_missing_and_said():
    changes = better_without(DESERVED["Supported"])
    changes["shifts.mean_shift"] = lambda row: np.where(row["seed"] == 3, 0.5, 0.01)
    found = verdict("C15", study(changes))
    assert found.verdict.verdict == "Undecided"
    assert "the premise fails in 1 seeds" in found.verdict.reason


def test_the_premise_looks_at_none_alone_and_at_rates_that_learn():
    changes = better_without(DESERVED["Supported"])
    changes["shifts.mean_shift"] = lambda row: np.where((row["norm"] == "batch") | (row["lr"] == 10), 0.5, 0.01)
    assert verdict("C15", study(changes)).verdict.verdict == "Supported"


def test_a_highest_rate_beyond_the_grid_is_missing_and_said():
    changes = better_without(DESERVED["Supported"]) | {"outcomes.learned": lambda row: True}
    found = verdict("C15", study(changes))
    assert found.verdict.verdict == "Undecided"
    assert "outside the grid in 12 seeds" in found.levels["all"].parts["tolerance"].reason
    assert found.levels["all"].parts["speed"].verdict == "Supported"


def test_an_optimum_at_the_edge_is_undecided():
    changes = better_without(DESERVED["Supported"]) | {"outcomes.area": lambda row: row["lr"]}
    found = verdict("C15", study(changes))
    assert found.verdict.verdict == "Undecided" and "edge of the grid" in found.verdict.reason


def test_speed_is_read_at_the_lowest_level_that_every_run_reaches():
    def step(row):
        missed = (row["norm"] == "batch") & (row["seed"] == 4) & (row["level"] < 0.5) & (row["lr"] == BEST)
        return np.where(missed, np.nan, np.where(row["level"] == 0.5, 100 * (1 + (row["norm"] == "batch")), 100))

    speed = evidence("C15", study({"targets.step": step}))[0]
    assert speed.effects.to_numpy() == pytest.approx(np.log(2), abs=0.1)


def test_the_best_rates_are_those_of_the_tuning_seeds():
    def area(row):
        return np.abs(np.log(row["lr"] / np.where(row["role"] == "tuning", BEST, 1.0)))

    def step(row):
        return 100 * np.where((row["lr"] == BEST) & (row["norm"] == "batch"), 2, 1)

    speed = evidence("C15", study({"outcomes.area": area, "targets.step": step}))[0]
    assert speed.effects.to_numpy() == pytest.approx(np.log(2), abs=0.1)


def test_a_run_without_its_regime_says_so():
    tables = study()
    tables["cells"] = tables["cells"].assign(regime="fresh")
    speed, tolerance = evidence("C15", tables)
    assert "no tuning seeds of arm none with regime clean" in speed.reason
    assert "no cells of arm none with regime clean" in tolerance.reason
