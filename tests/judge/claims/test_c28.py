import numpy as np
import pytest

from ..made_up import DESERVED, evidence, margin, verdict
from ..studies import run

GAP = 3.0  # ln of the late drift at rate 1 over that at the lowest rate


def decayed(dose, clean=1.0, fresh=1.0, others=1.0):
    """Let the late drift of every schedule lie below the middle of the gap by its share of the dose."""

    def drift(row):
        constant = GAP * np.log(row["lr"] / 0.01) / np.log(100)
        share = row["regime"].map({"clean": clean, "fresh": fresh}) * np.where(row["schedule"] == "step", 1.0, others)
        scheduled = GAP / 2 - share * margin("C28") * dose(row)
        late = np.where(row["schedule"] == "constant", constant, scheduled)
        return 1e-4 * np.exp(np.where(row["step"] >= 800, late, 0.0))

    return {"shifts.mean_shift": drift}


def judged(changes, **grids):
    return verdict("C28", run("C28", changes, **grids))


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert judged(decayed(DESERVED[deserved])).verdict.verdict == deserved


def test_it_may_depend_on_the_regime():
    assert judged(decayed(DESERVED["Supported"], clean=-1)).verdict.verdict == "Depends"


def test_every_schedule_is_needed():
    found = judged(decayed(DESERVED["Supported"], others=-1))
    assert found.verdict.verdict == "Undecided"
    assert found.levels["fresh"].parts["step"].verdict == "Supported"


def test_a_memorised_regime_is_left_out():
    for memorised in (
        lambda row: row["regime"] == "clean",
        lambda row: (row["regime"] == "clean") & (row["schedule"] == "constant") & (row["lr"] == 1),
        lambda row: (row["regime"] == "clean") & (row["schedule"] == "cosine") & (row["seed"] == 4),
    ):
        found = judged(decayed(DESERVED["Supported"], clean=-1) | {"outcomes.memorised": memorised})
        assert found.verdict.verdict == "Supported" and found.notes == ("clean: memorised, left out",)


def test_a_schedule_that_does_not_learn_is_undecided():
    failing = {"outcomes.learned": lambda row: (row["schedule"] != "one_cycle") | (row["seed"] != 3)}
    found = judged(decayed(DESERVED["Supported"]) | failing)
    assert found.levels["fresh"].parts["one_cycle"].verdict == "Undecided"
    assert "learns at 0 learning rates" in found.levels["fresh"].parts["one_cycle"].reason


def test_no_gap_is_none_to_close():
    one = judged(decayed(DESERVED["Supported"]) | {"outcomes.learned": lambda row: row["lr"] >= 1})
    assert "no constant rates on both sides of a gap below 1" in one.verdict.reason
    changes = decayed(DESERVED["Supported"])
    own = changes["shifts.mean_shift"]
    changes["shifts.mean_shift"] = lambda row: np.where(row["lr"] == 0.01, 1.0, own(row))
    flat = judged(changes)
    assert "the rates 0.01 and 1 leave no gap in 12 of 12 seeds" in flat.verdict.reason


def test_an_effect_is_what_lies_below_the_geometric_mean():
    for item in evidence("C28", run("C28", decayed(lambda row: np.full(len(row), 3.0)))):
        assert item.effects.to_numpy() == pytest.approx(3 * margin("C28"), abs=0.05)
