import numpy as np
import pytest

from ..made_up import DESERVED, STEPS, evidence, margin, registered, study, verdict

NOISE = registered().rules.noise


def drifting(dose, step=1.0, start=1.0):
    """Let `none` at y drift by the noise times e to a share of the dose: over each step, and over the run."""

    def drift(row):
        share = row["horizon"].map({"step": step, "start": start}).fillna(0)
        there = (row["norm"] == "none") & (row["site"] == "y") & (row["regime"] == "fresh")
        return NOISE * np.exp(margin("C2") * np.where(there, share * dose(row), 0))

    return {"shifts.mean_shift": drift, "shifts.mean_shift_raw": drift}


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert verdict("C2", study(drifting(DESERVED[deserved]))).verdict.verdict == deserved


def test_little_in_a_step_and_a_lot_since_the_start_depend():
    found = verdict("C2", study(drifting(DESERVED["Supported"], step=-1)))
    assert found.verdict.verdict == "Depends"
    assert found.levels["step"].verdict.verdict == "Contradicted"
    assert found.levels["start"].verdict.verdict == "Supported"


def test_both_units_are_needed():
    changes = drifting(DESERVED["Supported"])
    changes["shifts.mean_shift_raw"] = drifting(DESERVED["No meaningful effect"])["shifts.mean_shift_raw"]
    found = verdict("C2", study(changes))
    assert found.verdict.verdict == "Undecided"
    assert found.levels["start"].parts["own sigma"].verdict == "Supported"


def test_since_the_start_is_read_at_the_end_of_the_run():
    def drift(row):
        return np.where(row["later"] == STEPS - 50, 5.0, 0.01)  # the last of the made-up points

    items = {(item.level, item.part): item.effects for item in evidence("C2", study({"shifts.mean_shift": drift}))}
    assert items["start", "own sigma"].to_numpy() == pytest.approx(np.log(5 / NOISE), abs=0.05)
    assert items["step", "own sigma"].to_numpy() == pytest.approx(np.log(0.01 / NOISE), abs=0.05)


def test_rates_that_do_not_learn_are_dropped():
    changes = {"shifts.mean_shift": lambda row: np.where(row["lr"] > 1, 9.0, 0.01)}
    changes["outcomes.learned"] = lambda row: row["lr"] <= 1
    item = evidence("C2", study(changes))[0]
    assert item.effects.to_numpy() == pytest.approx(np.log(0.01 / NOISE), abs=0.05)
    assert {drop.lr for drop in item.dropped} == {3.0, 10.0}
