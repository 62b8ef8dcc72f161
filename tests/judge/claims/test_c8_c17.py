import math

import numpy as np
import pytest

from ..made_up import DESERVED, evidence, margin, study, verdict

QUANTITY = {"C8": "mean_step", "C17": "fluctuation"}
EVERY = pytest.mark.parametrize("claim", QUANTITY)


def rising(claim, dose, clean=1.0, fresh=1.0):
    """Let the late motion rise by its share of the dose per tripling of the learning rate."""

    def motion(row):
        share = row["regime"].map({"clean": clean, "fresh": fresh}) * (row["window"] == "late")
        return 1e-3 * np.exp(share * margin(claim) * dose(row) * np.log(row["lr"]) / math.log(3))

    return {f"motion.{QUANTITY[claim]}": motion}


@EVERY
@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(claim, deserved):
    assert verdict(claim, study(rising(claim, DESERVED[deserved]))).verdict.verdict == deserved


@EVERY
def test_it_may_depend_on_the_regime(claim):
    found = verdict(claim, study(rising(claim, DESERVED["Supported"], clean=0, fresh=1)))
    assert found.verdict.verdict == "Depends"
    assert found.levels["clean"].verdict.verdict == "No meaningful effect"


@EVERY
def test_a_memorised_regime_is_left_out(claim):
    changes = rising(claim, DESERVED["Supported"], clean=0)
    changes["outcomes.memorised"] = lambda row: (row["regime"] == "clean") & (row["lr"] < 3)
    found = verdict(claim, study(changes))
    assert found.verdict.verdict == "Supported"
    assert found.levels["clean"].memorised and "clean: memorised, left out" in found.notes


@EVERY
def test_two_rates_make_no_slope(claim):
    found = verdict(claim, study({"outcomes.learned": lambda row: row["lr"].isin([0.1, 0.3])}))
    assert found.verdict.verdict == "Undecided" and "learns at 2 learning rates, 3 needed" in found.verdict.reason


@EVERY
def test_effect_is_the_fitted_slope(claim):
    tables = study(rising(claim, DESERVED["Undecided"]))
    rows = tables["motion"].merge(tables["cells"][["cell", "norm", "regime", "lr", "seed"]], on="cell")
    rows = rows.query("norm == 'batch' and regime == 'fresh' and seed == 3 and span == 'all'")
    rows = rows.query("window == 'late' and parameter == 'beta'")
    slope = np.polyfit(np.log(rows["lr"]), np.log(rows[QUANTITY[claim]]), 1)[0]
    (item,) = [item for item in evidence(claim, tables) if (item.level, item.part) == ("fresh", "beta")]
    assert item.effects[3] == pytest.approx(slope * math.log(3), abs=1e-12)
