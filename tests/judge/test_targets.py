import numpy as np

from normshift.judge.targets import deepest, steps_or_all, steps_to

from .made_up import JUDGED, STEPS, study, together

MISSED = {"targets.step": lambda row: np.where((row["level"] < 0.5) & (row["seed"] == 3), np.nan, 100)}


def test_a_run_that_never_gets_there_counts_with_all_its_steps_and_one_not_run_is_missing():
    targets = together({"core": study(MISSED)}).rows("targets")
    found = steps_or_all(targets, "none", 0.1, 0.2, [*JUDGED, 99])
    assert found[3] == STEPS and (found[[0, 1, 2]] < 200).all() and np.isnan(found[99])
    assert np.isnan(steps_to(targets, "none", 0.1, JUDGED).loc[3, 0.2])


def test_the_deepest_level_is_one_that_every_run_reaches():
    targets = together({"core": study(MISSED)}).rows("targets")
    assert deepest(steps_to(targets, "none", 0.1, JUDGED)) == 0.5
    assert deepest(steps_to(targets, "none", 0.1, JUDGED[:3]), steps_to(targets, "batch", 0.1, JUDGED[:3])) == 0.1
