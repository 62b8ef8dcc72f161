import numpy as np
import pytest

from normshift.judge.targets import deepest, slowdown, steps_or_all, steps_to

from .made_up import JUDGED, STEPS, study, together

MISSED = {"targets.step": lambda row: np.where((row["level"] < 0.5) & (row["seed"] == 3), np.nan, 100)}


def slow(step, changes=None):
    tables = together({"core": study({"targets.step": step} | (changes or {}), rates=(0.1, 0.3))})
    return slowdown(tables, "none", "batch")


def test_it_is_the_mean_over_rates_of_the_log_of_the_ratio():
    factor = {0.1: 2.0, 0.3: 8.0}
    effect, reason = slow(lambda row: 50 * np.where(row["norm"] == "none", row["lr"].map(factor), 1.0))
    assert effect.to_numpy() == pytest.approx(np.log(4), abs=0.05) and reason is None


def test_each_rate_has_its_own_lowest_level_that_the_reference_reaches_in_every_seed():
    def step(row):
        lowest = np.where(row["lr"] == 0.1, 0.5, 0.1)
        there = row["level"] >= lowest
        slower = np.where((row["norm"] == "none") & (row["level"] == lowest), 3.0, 1.0)
        return np.where(there | (row["norm"] == "none") | (row["seed"] != 5), 50 * slower, np.nan)

    effect, _ = slow(step)
    assert effect.to_numpy() == pytest.approx(np.log(3), abs=0.05)


def test_what_never_arrives_counts_with_all_its_steps():
    effect, _ = slow(lambda row: np.where((row["norm"] == "none") & (row["seed"] == 3), np.nan, 50.0))
    assert effect[3] == pytest.approx(np.log(STEPS / 50), abs=0.05)
    assert effect.drop(3).to_numpy() == pytest.approx(0, abs=0.05)


def test_a_run_that_does_not_learn_counts():
    effect, _ = slow(
        lambda row: np.where(row["norm"] == "none", 100.0, 50.0),
        {"outcomes.learned": lambda row: row["norm"] == "batch"},
    )
    assert effect.to_numpy() == pytest.approx(np.log(2), abs=0.05)


def test_a_reference_that_misses_every_level_in_a_seed_is_said():
    effect, reason = slow(lambda row: np.where((row["norm"] == "batch") & (row["seed"] == 3), np.nan, 50.0))
    assert effect is None and reason == "no loss level is reached by every run of arm batch at learning rate 0.1"


def test_a_reference_without_cells_is_said():
    effect, reason = slowdown(together({"core": study(arms=("none",))}), "none", "batch")
    assert effect is None and "no cells of arm batch with regime clean" in reason


def test_a_run_that_never_gets_there_counts_with_all_its_steps_and_one_not_run_is_missing():
    targets = together({"core": study(MISSED)}).rows("targets")
    found = steps_or_all(targets, "none", 0.1, 0.2, [*JUDGED, 99])
    assert found[3] == STEPS and (found[[0, 1, 2]] < 200).all() and np.isnan(found[99])
    assert np.isnan(steps_to(targets, "none", 0.1, JUDGED).loc[3, 0.2])


def test_the_deepest_level_is_one_that_every_run_reaches():
    targets = together({"core": study(MISSED)}).rows("targets")
    assert deepest(steps_to(targets, "none", 0.1, JUDGED)) == 0.5
    assert deepest(steps_to(targets, "none", 0.1, JUDGED[:3]), steps_to(targets, "batch", 0.1, JUDGED[:3])) == 0.1
