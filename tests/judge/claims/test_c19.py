import dataclasses

import numpy as np
import pytest

from normshift.judge.claims.c19 import falls

from ..made_up import DESERVED, UNLIKE, evidence, hypergeometric, margin, registered, together, verdict
from ..studies import run

RULES = registered().rules
EVERY_SIZE = {"regime": ("clean", "fresh")}


def falling(dose, clean=1.0, fresh=1.0):
    """Let the late fall of ln loss be proportional to sqrt(H), and at batch size 16 be the dose."""

    def slope(row):
        spread = np.sqrt(row["order"].map(UNLIKE) * hypergeometric(row["batch_size"]) / hypergeometric(16))
        fall = margin("C19") * dose(row) * spread * row["regime"].map({"clean": clean, "fresh": fresh})
        return -0.3 * fall / (0.2 * row["steps"])

    return {"outcomes.late_loss": lambda row: 0.3, "outcomes.late_slope": slope}


def judged(changes, **grids):
    return verdict("C19", run("C19", changes, **{"batch_size": EVERY_SIZE} | grids))


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert judged(falling(DESERVED[deserved])).verdict.verdict == deserved


def test_it_may_depend_on_the_regime():
    found = judged(falling(DESERVED["Supported"], clean=-1))
    assert found.verdict.verdict == "Depends"
    assert found.levels["clean"].verdict.verdict == "Contradicted"


def test_a_memorised_regime_is_left_out_even_where_its_batch_sizes_were_not_run():
    changes = falling(DESERVED["Supported"], clean=-1)
    memorised = {"outcomes.memorised": lambda row: (row["regime"] == "clean") & (row["order"] != "blocked")}
    found = judged(changes | memorised, batch_size={"regime": ("fresh",)})
    assert found.verdict.verdict == "Supported" and found.notes == ("clean: memorised, left out",)
    open_ended = judged(changes, batch_size={"regime": ("fresh",)})
    assert "0 doses of H with regime clean in this run, 3 needed" in open_ended.verdict.reason


def test_both_ways_to_vary_h_are_needed():
    own = falling(DESERVED["Contradicted"])["outcomes.late_slope"]

    def slope(row):
        return np.where(row["order"] == "reshuffle", own(row), own(row.assign(order="reshuffle")))

    found = judged({"outcomes.late_loss": lambda row: 0.3, "outcomes.late_slope": slope})
    parts = found.levels["fresh"].parts
    assert {name: part.verdict for name, part in parts.items() if name.startswith("size")} == {
        "size, batch": "Contradicted",
        "size, none": "Contradicted",
    }
    assert parts["order, none"].verdict == "No meaningful effect" and found.verdict.verdict == "Undecided"


def test_a_run_that_does_not_learn_counts_and_one_that_diverged_falls_no_further():
    tables = together(run("C19", {"outcomes.diverged_step": lambda row: np.where(row["seed"] < 6, 9.0, np.nan)}))
    found = falls(tables.rows("outcomes", norm="batch", regime="fresh").query("study == 'core'"), RULES)
    assert (found == 0).sum() == 6 * 7 and (found > 0).sum() == 6 * 7
    changes = falling(DESERVED["Supported"]) | {"outcomes.learned": lambda row: False}
    assert judged(changes).verdict.verdict == "Supported"


def test_the_fall_of_a_loss_that_decays_is_its_rate_times_the_window():
    tables = together(run("C19"))
    outcomes = tables.rows("outcomes", norm="none", regime="clean").query("study == 'core'").iloc[:1]
    loss = np.exp(-0.001 * np.arange(800, 1000))
    slope = np.polyfit(np.arange(200), loss, 1)[0]
    found = falls(outcomes.assign(late_slope=slope, late_loss=loss.mean()), RULES)
    assert found.item() == pytest.approx(0.2, rel=0.01)
    shorter = falls(outcomes.assign(steps=50), dataclasses.replace(RULES, late=0.4))
    assert shorter.item() == pytest.approx(falls(outcomes, RULES).item() * 0.1)


def test_only_rates_of_the_doses_count_and_the_usual_cell_is_one_of_them():
    def slope(row):
        return -1e-4 * np.where(row["lr"] == 0.3, 1.0, 9.0)

    for item in evidence("C19", run("C19", {"outcomes.late_slope": slope})):
        if item.part.startswith("size") and item.level == "fresh":
            assert np.abs(item.effects).max() < 0.01
