import math

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from normshift.judge.claims.c17 import area_under_curve

from ..made_up import BEST, DESERVED, RATES, evidence, margin, study, verdict


def rising(dose, clean=1.0, fresh=1.0):
    """Let the late fluctuation rise by its share of the dose per tripling of the learning rate.

    With no dose it swings: rates above the best one are then neither the higher nor the lower half.
    """

    def motion(row):
        share = row["regime"].map({"clean": clean, "fresh": fresh}) * dose(row)
        slope = np.exp(share * margin("C17") * np.log(row["lr"]) / math.log(3))
        swing = np.exp(0.1 * row["lr"].map(dict(zip(RATES, SWING, strict=True))))
        return 1e-3 * np.where(row["window"] == "late", np.where(share == 0, swing, slope), 1.0)

    return {"motion.fluctuation": motion}


SWING = (1, 3, 4, 6, 7, 2, 1.5)  # rates above the best: places 7, 3 and 2 of 7, an area of one half


def fluctuating(amplitude):
    return evidence("C17", study({"motion.fluctuation": amplitude}))


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert verdict("C17", study(rising(DESERVED[deserved]))).verdict.verdict == deserved


def test_it_may_depend_on_the_regime():
    found = verdict("C17", study(rising(DESERVED["Supported"], clean=0, fresh=1)))
    assert found.verdict.verdict == "Depends"
    assert found.levels["clean"].verdict.verdict == "No meaningful effect"


def test_a_memorised_regime_is_left_out():
    changes = rising(DESERVED["Supported"], clean=0)
    changes["outcomes.memorised"] = lambda row: (row["regime"] == "clean") & (row["lr"] < 3)
    found = verdict("C17", study(changes))
    assert found.verdict.verdict == "Supported" and found.notes == ("clean: memorised, left out",)


def test_a_rise_that_stops_at_the_best_rate_does_not_tell_what_is_too_high():
    def amplitude(row):
        return np.where(row["lr"] <= BEST, row["lr"] ** 2, 0.004)  # between those of the second and the third rate

    found = verdict("C17", study({"motion.fluctuation": amplitude})).levels["fresh"].parts
    assert (found["beta"].verdict, found["too high, beta"].verdict) == ("Supported", "No meaningful effect")


def test_the_best_rate_is_that_of_the_tuning_seeds():
    changes = rising(lambda row: np.full(len(row), -2.0))
    changes["outcomes.area"] = lambda row: np.abs(np.log(row["lr"] / np.where(row["role"] == "tuning", BEST, 3.0)))
    changes["motion.fluctuation"] = lambda row: np.where(row["lr"] > BEST, 2.0, 1.0)
    for item in evidence("C17", study(changes)):
        if item.part.startswith("too high"):
            assert (item.effects == 0.5).all()


def test_a_run_that_diverged_fluctuated_most_of_all():
    changes = {
        "outcomes.diverged_step": lambda row: np.where(row["lr"] >= 3, 5, np.nan),
        "motion.fluctuation": lambda row: np.where(row["lr"] >= 3, np.nan, np.where(row["lr"] == 1, 2.0, 1.0)),
    }
    for item in evidence("C17", study(changes)):
        if item.part.startswith("too high"):
            assert (item.effects == 0.5).all()


def test_a_dead_network_fluctuates_least_of_all_and_misses_nothing():
    changes = {"motion.fluctuation": lambda row: np.where(row["lr"] >= 3, 0.0, np.where(row["lr"] == 1, 2.0, 1.0))}
    for item in evidence("C17", study(changes)):
        if item.part.startswith("too high"):
            assert item.effects.notna().all() and (item.effects < 0).all()


def test_memorised_rates_do_not_help_to_tell_the_others():
    """Where nothing is left to learn nothing fluctuates."""

    def small(row):
        return row["lr"].between(0.03, BEST)

    def amplitude(row):
        return np.where(small(row), 1e-9, np.where(row["lr"] < 1, 2.0, 1.0))

    changes = {"motion.fluctuation": amplitude, "outcomes.memorised": small}
    for item in evidence("C17", study(changes)):
        if item.part.startswith("too high"):
            assert (item.effects == -0.5).all()
            assert {drop.lr for drop in item.dropped} == {0.03, 0.1, 0.3}


def test_rates_on_one_side_of_the_best_alone_are_undecided_or_memorised():
    changes = rising(DESERVED["Supported"]) | {"outcomes.memorised": lambda row: row["lr"] <= BEST}
    found = {item.part: item for item in evidence("C17", study(changes)) if item.level == "clean"}
    assert found["too high, beta"].memorised and not found["beta"].memorised
    edge = rising(DESERVED["Supported"]) | {"outcomes.area": lambda row: -np.log(row["lr"]) + 9}
    assert "edge of the grid" in verdict("C17", study(edge)).verdict.reason


@pytest.mark.parametrize("seed", range(6))
def test_area_equals_scikit_learns(seed):
    random = np.random.default_rng(seed)
    scores, positive = random.integers(0, 4, size=(5, 9)).astype(float), np.arange(9) >= random.integers(1, 9)
    found = area_under_curve(pd.DataFrame(scores), positive)
    assert found.to_numpy() == pytest.approx([roc_auc_score(positive, row) for row in scores])


def test_area_is_missing_where_a_score_is_and_an_infinite_score_is_the_highest():
    scores = pd.DataFrame([[1.0, np.nan, 3.0], [1.0, 2.0, np.inf]])
    found = area_under_curve(scores, np.array([False, False, True]))
    assert np.isnan(found[0]) and found[1] == 1.0
