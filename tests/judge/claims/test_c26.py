import numpy as np
import pytest

from ..made_up import BEST, DESERVED, RATES, STEPS, evidence, margin, study, verdict


def tuned(dose):
    """Let the lowest rate take longer, and beta turn back more two rates above the best, by the dose."""

    def step(row):
        return 100 * np.exp(margin("C26") * dose(row) * (row["lr"] == RATES[0]))

    def turns(row):
        there = (row["lr"] == 3.0) & (row["parameter"] == "beta") & (row["window"] == "all")
        return 0.3 * np.exp(margin("C26") * dose(row) * there)

    return {"targets.step": step, "motion.sign_changes": turns}


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert verdict("C26", study(tuned(DESERVED[deserved]))).verdict.verdict == deserved


def test_a_lowest_rate_that_never_arrives_counts_with_the_whole_run():
    changes = {"targets.step": lambda row: np.where(row["lr"] == RATES[0], np.nan, 100)}
    item = evidence("C26", study(changes))[0]
    assert item.effects.to_numpy() == pytest.approx(np.log(STEPS / 100), abs=0.1)


def test_how_often_the_loss_rises_does_not_count():
    changes = tuned(DESERVED["Supported"]) | {"outcomes.increases": lambda row: 0.5}
    assert verdict("C26", study(changes)).verdict.verdict == "Supported"


def test_a_run_that_diverges_overshoots_at_every_step():
    changes = {
        "outcomes.diverged_step": lambda row: np.where(row["lr"] == 3.0, 5, np.nan),
        "motion.sign_changes": lambda row: np.where(row["lr"] == 3.0, np.nan, 0.25),
    }
    item = evidence("C26", study(changes))[2]
    assert item.effects.to_numpy() == pytest.approx(np.log(4), abs=0.1)


def test_a_rate_above_outside_the_grid_is_missing_and_said():
    changes = tuned(DESERVED["Supported"]) | {"outcomes.area": lambda row: np.abs(np.log(row["lr"] / 3.0))}
    found = verdict("C26", study(changes))
    assert found.verdict.verdict == "Undecided" and "outside the grid" in found.verdict.reason
    assert found.levels["all"].parts["too low, none"].verdict == "Supported"


def test_an_optimum_at_the_edge_is_undecided():
    found = verdict("C26", study(tuned(DESERVED["Supported"]) | {"outcomes.area": lambda row: row["lr"]}))
    assert found.verdict.verdict == "Undecided" and "edge of the grid" in found.verdict.reason


def test_no_level_reached_at_the_best_rate_is_undecided():
    changes = {"targets.step": lambda row: np.where((row["lr"] == BEST) & (row["seed"] == 0), np.nan, 100)}
    found = verdict("C26", study(changes))
    assert "no loss level is reached by every run at the best rate" in found.verdict.reason


def test_the_best_rate_is_that_of_the_tuning_seeds():
    changes = {
        "outcomes.area": lambda row: np.abs(np.log(row["lr"] / np.where(row["role"] == "tuning", BEST, 1.0))),
        "targets.step": lambda row: np.where(row["lr"] == BEST, 100, 200),
        "motion.sign_changes": lambda row: np.where(row["lr"] == 3.0, 0.6, 0.3),
    }
    for item in evidence("C26", study(changes)):
        assert item.effects.to_numpy() == pytest.approx(np.log(2), abs=0.1)
