import numpy as np
import pytest

from normshift.judge.doses import heterogeneity

from ..made_up import DESERVED, UNLIKE, evidence, hypergeometric, margin, together, verdict
from ..studies import run

USUAL = hypergeometric(60)


def stepping(dose, orders=tuple(UNLIKE)):
    """Let step^2 = a + b H, and ln of its root at the usual H over that at none be the dose, in margins."""

    def step(row):
        gain = np.exp(2 * margin("C9") * dose(row)) - 1  # b H / a at the usual H
        relative = row["order"].map(UNLIKE)
        # Under a negative b the rest of the line would cross zero.
        return 1e-3 * np.sqrt(np.where(gain > 0, 1 + gain * relative, np.maximum(1 + gain * relative, 0.1)))

    return {"motion.mean_step": step}


NARROW = {"heterogeneity.measured": lambda row: USUAL * row["order"].map({**UNLIKE, "dirichlet": 1.2, "blocked": 1.4})}


def bounded(dose):
    """The same where no order is so unlike the usual one that the line would cross zero."""

    def step(row):
        relative = row["order"].map({**UNLIKE, "dirichlet": 1.2, "blocked": 1.4})
        return 1e-3 * np.sqrt(1 + (np.exp(2 * margin("C9") * dose(row)) - 1) * relative)

    return NARROW | {"motion.mean_step": step}


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert verdict("C9", run("C9", bounded(DESERVED[deserved]))).verdict.verdict == deserved


def test_effect_is_read_off_a_line_through_four_orders_two_magnitudes_apart():
    for item in evidence("C9", run("C9", stepping(lambda row: np.full(len(row), 3.0)))):
        assert item.effects.to_numpy() == pytest.approx(3 * margin("C9"), abs=0.05)


def test_an_order_in_which_a_seed_does_not_learn_is_left_out_and_three_are_needed():
    def unlearned(*orders):
        return {"outcomes.learned": lambda row: ~(row["order"].isin(orders) & (row["seed"] == 3))}

    changes = bounded(DESERVED["Supported"])
    changes["motion.mean_step"] = lambda row, step=changes["motion.mean_step"]: np.where(
        row["order"] == "blocked", 1e-5, step(row)
    )
    assert verdict("C9", run("C9", changes)).verdict.verdict != "Supported"
    without = run("C9", changes | unlearned("blocked"))
    assert verdict("C9", without).verdict.verdict == "Supported"
    (drop,) = {drop for drop in evidence("C9", without)[0].dropped if drop.lr == 0.3}
    assert drop.arm == "batch, order blocked, batch size 60" and drop.seeds == 1
    for gone in (("blocked", "dirichlet"), ("reshuffle",)):
        found = verdict("C9", run("C9", changes | unlearned(*gone)))
        assert "at no learning rate does every seed learn" in found.verdict.reason


def test_time_order_other_regimes_and_other_arms_do_not_count():
    def step(row):
        there = (row["norm"] == "batch") & (row["regime"] == "fresh") & (row["window"] == "all")
        there &= row["order"].isin(["stratified", "reshuffle", "dirichlet", "blocked"])
        return 1e-3 * np.where(there, 1.0, row["order"].map(UNLIKE))

    assert verdict("C9", run("C9", {"motion.mean_step": step})).verdict.verdict == "No meaningful effect"


def test_a_line_that_vanishes_before_h_does_is_missing_and_said():
    found = verdict("C9", run("C9", {"motion.mean_step": lambda row: np.sqrt(row["order"].map(UNLIKE) - 0.0199)}))
    assert "the fitted step vanishes before H does" in found.verdict.reason


def test_without_the_table_h_is_missing():
    tables = {name: {key: own[key] for key in own if key != "heterogeneity"} for name, own in run("C9").items()}
    assert heterogeneity(together(tables), [("reshuffle", 60)]).isna().all(axis=None)
    assert verdict("C9", tables).verdict.verdict == "Undecided"
