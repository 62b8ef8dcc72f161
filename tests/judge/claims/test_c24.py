import numpy as np
import pytest

from ..made_up import DESERVED, RATES, evidence, margin, verdict
from ..studies import run


def drifting(dose, late=1.0, early=1.0, clean=1.0, fresh=1.0):
    """Let the highest rate drift less than the lowest by its share of the dose, the rates between wildly."""

    def drift(row):
        share = row["regime"].map({"clean": clean, "fresh": fresh}) * (row["lr"] == RATES[-1])
        share = share * np.where(row["step"] >= 800, late, early)
        between = ~row["lr"].isin([RATES[0], RATES[-1]])
        return 0.01 * np.exp(-share * margin("C24") * dose(row) + 3.0 * between)

    return {"shifts.mean_shift": drift}


def judged(changes):
    return verdict("C24", run("C24", changes))


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert judged(drifting(DESERVED[deserved])).verdict.verdict == deserved


def test_it_may_depend_on_the_regime():
    assert judged(drifting(DESERVED["Supported"], fresh=-1)).verdict.verdict == "Depends"


def test_a_price_paid_early_alone_leaves_the_parts_apart():
    found = judged(drifting(DESERVED["Supported"], late=1, early=-1)).levels["fresh"]
    assert found.parts["late"].verdict == "Supported" and found.parts["cumulative"].verdict == "Contradicted"


def test_a_memorised_regime_is_left_out():
    memorised = {"outcomes.memorised": lambda row: row["regime"] == "clean"}
    found = judged(drifting(DESERVED["Contradicted"], clean=-1) | memorised)
    assert found.verdict.verdict == "Contradicted" and found.notes == ("clean: memorised, left out",)


def test_only_rates_that_learn_count():
    def learned(row):
        return row["lr"].between(0.03, 1.0)

    changes = {"outcomes.learned": learned, "shifts.mean_shift": lambda row: np.where(learned(row), row["lr"], 1e3)}
    for item in evidence("C24", run("C24", changes)):
        assert item.effects.to_numpy() == pytest.approx(np.log(0.03), abs=0.1)


def test_one_rate_is_no_comparison():
    found = judged({"outcomes.learned": lambda row: row["lr"] == 1.0})
    assert "learns at 1 learning rates, 2 needed" in found.verdict.reason


def test_cumulative_drift_is_that_of_every_step_between_the_points():
    """Points are unevenly spaced: the first hundred steps hold half of them."""

    def drift(row):
        return np.where(row["lr"] == RATES[0], 0.01, np.where(row["step"] < 100, 1.0, 0.0001))

    whole = {item.part: item for item in evidence("C24", run("C24", {"shifts.mean_shift": drift}))}["cumulative"]
    steps = np.arange(0, 951)
    logs = np.interp(steps, (0, 60, 200, 950), np.log((1.0, 1.0, 0.0001, 0.0001)))
    assert whole.effects.mean() == pytest.approx(np.log(9.5) - np.log(np.exp(logs).sum()), abs=0.02)
