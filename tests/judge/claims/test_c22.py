import numpy as np
import pytest

from ..made_up import DESERVED, RATES, evidence, margin, study, verdict


def drifting(dose, clean=1.0, fresh=1.0):
    """Let the highest rate drift further than the lowest by its share of the dose, the rest wildly."""

    def drift(row):
        share = row["regime"].map({"clean": clean, "fresh": fresh}) * (row["lr"] == RATES[-1])
        between = ~row["lr"].isin([RATES[0], RATES[-1]])
        return 0.01 * np.exp(share * margin("C22") * dose(row) + 3.0 * between)

    return {"shifts.mean_shift": drift}


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert verdict("C22", study(drifting(DESERVED[deserved]))).verdict.verdict == deserved


def test_it_may_depend_on_the_regime():
    assert verdict("C22", study(drifting(DESERVED["Supported"], fresh=-1))).verdict.verdict == "Depends"


def test_a_slow_march_is_not_steady_per_nat():
    """At the lowest rate a tenth of the drift a step, but ten times the steps: no effect per nat."""

    def slow(row):
        return row["lr"] == RATES[0]

    changes = {
        "shifts.mean_shift": lambda row: np.where(slow(row), 0.001, 0.01),
        "losses.loss": lambda row: 2.3 * np.exp(-row["step"] / np.where(slow(row), 1000, 100)),
    }
    assert verdict("C22", study(changes)).verdict.verdict == "No meaningful effect"


def test_only_rates_that_learn_count():
    def learned(row):
        return row["lr"].between(0.03, 1.0)

    changes = {"outcomes.learned": learned, "shifts.mean_shift": lambda row: np.where(learned(row), row["lr"], 1e3)}
    for item in evidence("C22", study(changes)):
        assert item.effects.to_numpy() == pytest.approx(np.log(1 / 0.03), abs=0.1)


def test_one_rate_is_no_comparison():
    found = verdict("C22", study({"outcomes.learned": lambda row: row["lr"] == 1.0}))
    assert found.verdict.verdict == "Undecided" and "2 needed" in found.verdict.reason


def test_too_few_common_levels_are_undecided():
    found = verdict("C22", study({"losses.loss": lambda row: 2.3 - row["step"] * 1e-3}))
    assert found.verdict.verdict == "Undecided" and "pass 1 of the loss levels" in found.verdict.reason
