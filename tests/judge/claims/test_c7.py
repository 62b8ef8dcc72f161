import numpy as np
import pytest

from ..made_up import DESERVED, STEPS, evidence, margin, study, verdict


def drifting(dose, clean=1.0, fresh=1.0, late=1.0, cumulative=1.0):
    """Scale the drift of `batch` at y, late and since the start, by shares of the dose."""

    def drift(row):
        share = row["regime"].map({"clean": clean, "fresh": fresh})
        part = np.where(row["horizon"] == "start", cumulative, late * (row["step"] >= 0.8 * STEPS))
        there = (row["norm"] == "batch") & (row["site"] == "y") & (row["horizon"] != "epoch")
        return 0.01 * np.exp(margin("C7") * np.where(there, share * part * dose(row), 0))

    return {"shifts.mean_shift": drift}


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert verdict("C7", study(drifting(DESERVED[deserved]))).verdict.verdict == deserved


def test_it_may_depend_on_the_regime():
    found = verdict("C7", study(drifting(DESERVED["Contradicted"], clean=0)))
    assert found.verdict.verdict == "Depends"
    assert found.levels["clean"].verdict.verdict == "No meaningful effect"
    assert found.levels["fresh"].verdict.verdict == "Contradicted"


def test_a_memorised_late_window_leaves_its_regime_out():
    changes = drifting(DESERVED["Supported"], clean=-1) | {"outcomes.memorised": lambda row: row["regime"] == "clean"}
    found = verdict("C7", study(changes))
    assert found.verdict.verdict == "Supported" and found.levels["clean"].memorised


def test_late_and_cumulative_are_both_needed():
    found = verdict("C7", study(drifting(DESERVED["Supported"], late=-1)))
    assert found.verdict.verdict == "Undecided"
    assert found.levels["fresh"].parts["late"].verdict == "Contradicted"
    assert found.levels["fresh"].parts["cumulative"].verdict == "Supported"


def test_early_steps_and_early_ends_do_not_count():
    def drift(row):
        early = (row["horizon"] == "step") & (row["step"] < 0.8 * STEPS)
        early |= (row["horizon"] == "start") & (row["later"] < 900)
        return np.where(early & (row["norm"] == "batch"), 9.0, 0.01)

    for item in evidence("C7", study({"shifts.mean_shift": drift})):
        assert item.effects.to_numpy() == pytest.approx(0, abs=0.05)


def test_a_network_that_does_not_learn_does_not_drift():
    changes = {"shifts.mean_shift": lambda row: np.where((row["norm"] == "none") & (row["lr"] > 1), 1e-6, 0.01)}
    changes["outcomes.learned"] = lambda row: (row["norm"] != "none") | (row["lr"] <= 1)
    for item in evidence("C7", study(changes)):
        assert item.effects.to_numpy() == pytest.approx(0, abs=0.05)
        assert {drop.lr for drop in item.dropped} == {3.0, 10.0}
