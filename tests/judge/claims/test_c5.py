import numpy as np
import pytest

from ..made_up import DESERVED, margin, study, verdict

NOISE = 1 / np.sqrt(60)


def moving(dose, noise=1.0, none=1.0):
    """Let batch drift further than each yardstick by its share of the dose."""

    def drift(row):
        there = (row["horizon"] == "epoch") & (row["site"] == "y") & (row["regime"] == "fresh")
        share = row["norm"].map({"batch": noise, "frozen": 0.0, "none": noise - none})
        return NOISE * np.exp(np.where(there, share * margin("C5") * dose(row), 0))

    return {"shifts.mean_shift": drift}


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert verdict("C5", study(moving(DESERVED[deserved]))).verdict.verdict == deserved


def test_it_may_depend_on_the_yardstick():
    found = verdict("C5", study(moving(DESERVED["Supported"], noise=1, none=-1)))
    assert found.verdict.verdict == "Depends"
    assert found.levels["none"].verdict.verdict == "Contradicted"


def test_each_yardstick_has_its_own_rates():
    changes = moving(DESERVED["Supported"]) | {"outcomes.learned": lambda row: row["norm"] != "none"}
    found = verdict("C5", study(changes))
    assert found.verdict.verdict == "Undecided"
    assert found.levels["noise"].verdict.verdict == "Supported"
