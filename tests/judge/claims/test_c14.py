import numpy as np
import pytest

from ..made_up import DESERVED, evidence, margin, study, verdict


def settling(dose, clean=1.0, fresh=1.0):
    """Let the share of units that settle fast exceed one half by shares of the dose."""

    def fast(row):
        share = row["regime"].map({"clean": clean, "fresh": fresh})
        return 0.5 + share * margin("C14") * dose(row) * (row["parameter"] != "weight")

    return {"settling.fast": fast}


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert verdict("C14", study(settling(DESERVED[deserved]))).verdict.verdict == deserved


def test_no_unit_that_settles_is_contradicted_and_not_missing():
    found = verdict("C14", study({"settling.fast": lambda row: 0.0}))
    assert found.verdict.verdict == "Contradicted"


def test_it_may_depend_on_the_regime():
    found = verdict("C14", study(settling(DESERVED["Supported"], fresh=-1)))
    assert found.verdict.verdict == "Depends"
    assert found.levels["fresh"].verdict.verdict == "Contradicted"


def test_units_that_rest_because_nothing_is_left_to_learn_do_not_count():
    changes = settling(DESERVED["Supported"], fresh=-1) | {"outcomes.memorised": lambda row: row["regime"] == "clean"}
    found = verdict("C14", study(changes))
    assert found.verdict.verdict == "Contradicted" and found.levels["clean"].memorised


def test_beta_and_gamma_are_both_needed():
    changes = {"settling.fast": lambda row: np.where(row["parameter"] == "beta", 0.9, 0.1)}
    found = verdict("C14", study(changes))
    assert found.verdict.verdict == "Undecided" and "parts differ" in found.verdict.reason


def test_the_effect_is_the_mean_over_layers_and_rates_less_one_half():
    tables = study({"settling.fast": lambda row: np.where((row["layer"] == 1) & (row["lr"] < 1), 1.0, 0.0)})
    (item,) = [item for item in evidence("C14", tables) if (item.level, item.part) == ("fresh", "gamma")]
    assert item.effects.to_numpy() == pytest.approx(4 / 7 / 2 - 0.5, abs=0.01)
