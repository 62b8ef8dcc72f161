import math

import numpy as np
import pytest

from ..made_up import DESERVED, evidence, margin, verdict
from ..studies import run

OPTIMISERS = {"": "sgd", ", momentum": "momentum", ", adam": "adam"}


def rising(dose, clean=1.0, fresh=1.0, **optimisers):
    """Let the late motion rise by its share of the dose per tripling of the learning rate."""

    def motion(row):
        share = row["regime"].map({"clean": clean, "fresh": fresh}) * (row["window"] == "late")
        share = share * row["optimizer"].map(dict.fromkeys(OPTIMISERS.values(), 1.0) | optimisers)
        return 1e-3 * np.exp(share * margin("C8") * dose(row) * np.log(row["lr"]) / math.log(3))

    return {"motion.mean_step": motion}


def judged(changes):
    return verdict("C8", run("C8", changes))


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert judged(rising(DESERVED[deserved])).verdict.verdict == deserved


def test_it_may_depend_on_the_regime():
    found = judged(rising(DESERVED["Supported"], clean=0, fresh=1))
    assert found.verdict.verdict == "Depends"
    assert found.levels["clean"].verdict.verdict == "No meaningful effect"


@pytest.mark.parametrize("optimiser", ["momentum", "adam"])
def test_every_optimiser_is_needed(optimiser):
    found = judged(rising(DESERVED["Supported"], **{optimiser: 0.0}))
    assert found.verdict.verdict == "Undecided" and f"gamma, {optimiser} No meaningful effect" in found.verdict.reason


def test_a_memorised_regime_is_left_out():
    changes = rising(DESERVED["Supported"], clean=0)
    changes["outcomes.memorised"] = lambda row: (row["regime"] == "clean") & (row["lr"] < 3)
    found = judged(changes)
    assert found.verdict.verdict == "Supported"
    assert found.levels["clean"].memorised and "clean: memorised, left out" in found.notes


def test_two_rates_make_no_slope():
    found = judged({"outcomes.learned": lambda row: row["lr"].isin([0.1, 0.3])})
    assert found.verdict.verdict == "Undecided" and "learns at 2 learning rates, 3 needed" in found.verdict.reason


@pytest.mark.parametrize("suffix", OPTIMISERS)
def test_effect_is_the_fitted_slope(suffix):
    studies = run("C8", rising(DESERVED["Undecided"]))
    tables = studies["core" if suffix == "" else "optimiser"]
    rows = tables["motion"].merge(tables["cells"][["cell", "norm", "optimizer", "regime", "lr", "seed"]], on="cell")
    rows = rows.query("norm == 'batch' and regime == 'fresh' and seed == 3 and span == 'all'")
    rows = rows[(rows["window"] == "late") & (rows["parameter"] == "beta") & (rows["optimizer"] == OPTIMISERS[suffix])]
    slope = np.polyfit(np.log(rows["lr"]), np.log(rows["mean_step"]), 1)[0]
    (item,) = [item for item in evidence("C8", studies) if (item.level, item.part) == ("fresh", f"beta{suffix}")]
    assert item.effects[3] == pytest.approx(slope * math.log(3), abs=1e-12)
