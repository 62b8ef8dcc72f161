import numpy as np
import pytest

from normshift.judge.areas import LEAST, WORST, arm_areas

from .made_up import JUDGED, study, together


def found(log_loss, arms=("none", "batch"), since=0.1, **how):
    return arm_areas(together({"core": study({"areas.log_loss": log_loss}, **how)}), arms, "fresh", since)


def test_arms_stand_side_by_side_their_rates_averaged():
    def log_loss(row):
        odd = (row["since"] != 0.1) | (row["span"] == "half") | (row["regime"] == "clean")
        return np.where(odd, 9.0, -1 - 2 * (row["norm"] == "none") - (row["lr"] == 0.3))

    areas, reason = found(log_loss, rates=(0.1, 0.3))
    assert reason is None and list(areas.index) == list(JUDGED)
    assert areas["none"].to_numpy() == pytest.approx(-3.5, rel=0.05)
    assert areas["batch"].to_numpy() == pytest.approx(-1.5, rel=0.05)


def test_a_run_that_diverged_ranks_worst():
    areas, _ = found(lambda row: np.where((row["norm"] == "none") & (row["seed"] == 3), np.nan, -1.0))
    assert areas["none"][3] == WORST == areas.max().max() and areas["none"].drop(3).max() < 0


def test_an_arm_without_cells_is_said():
    areas, reason = found(lambda row: -1.0, arms=("batch", "noisy"))
    assert areas is None and "no cells of arm noisy with regime fresh" in reason


def test_the_least_difference_is_the_margin_of_positive_quantities():
    assert np.exp(LEAST) == pytest.approx(1.25)
