import numpy as np
import pytest

from normshift.judge.areas import LEAST, WORST

from ..made_up import DESERVED, evidence, margin, study, verdict

ARMS = ("frozen_at_10", "frozen_at_30", "weights_frozen_at_10", "weights_frozen_at_30", "start_final", "start_permuted")
WORTH = 4 * margin("C11")  # of learning beta and gamma, in log loss


def settled(dose, clean=1.0, fresh=1.0, worth=WORTH, own=0.1, changes=None):
    """Let freezing keep more than it loses, and beta and gamma settle before the weights, by shares of the dose."""

    def log_loss(row):
        size = row["regime"].map({"clean": clean, "fresh": fresh}) * dose(row)
        lost = (worth - size * margin("C11")) / 2  # so that kept less lost is the dose
        above = {"frozen": worth, "start_permuted": own}
        frozen = row["norm"].isin(("frozen_at_10", "frozen_at_30"))
        return -1 + row["norm"].map(above).fillna(0) + np.where(frozen, lost, 0)

    def settling(row):
        size = row["regime"].map({"clean": clean, "fresh": fresh}) * dose(row)
        return 0.7 + 0.05 * size * (row["parameter"] != "weight")

    own_changes = {"areas.log_loss": log_loss, "settling.settling": settling} | (changes or {})
    return {"core": study(own_changes), "freeze": study(own_changes, ARMS, (1.0,))}


def items(tables):
    return {(item.level, item.part): item for item in evidence("C11", tables)}


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert verdict("C11", settled(DESERVED[deserved])).verdict.verdict == deserved


def test_it_may_depend_on_the_regime():
    found = verdict("C11", settled(DESERVED["Supported"], clean=-1))
    assert found.verdict.verdict == "Depends"
    assert found.levels["clean"].verdict.verdict == "Contradicted"


def test_what_is_not_needed_is_never_called_settled():
    """Freezing at tau costs nothing, but neither does freezing at step 0."""
    tables = settled(lambda row: np.full(len(row), 0.5), worth=0.8 * LEAST)
    found = verdict("C11", tables)
    assert found.verdict.verdict == "Undecided"
    assert "not needed" in found.levels["fresh"].parts["frozen at 10 %"].reason
    assert items(tables)["fresh", "frozen at 10 %"].effects.isna().all()


def test_values_that_serve_as_well_dealt_to_other_units_are_nobodys():
    found = verdict("C11", settled(DESERVED["Supported"], own=-0.1))
    assert found.verdict.verdict == "Undecided"
    assert "not their own" in found.levels["clean"].parts["frozen at 30 %"].reason


def test_validity_is_asked_of_each_seed():
    def worth(row):
        return np.where(row["seed"] == 3, 0.0, WORTH)

    tables = settled(
        DESERVED["Supported"],
        changes={
            "areas.log_loss": lambda row: (
                -1 + worth(row) * (row["norm"] == "frozen") + 0.1 * (row["norm"] == "start_permuted")
            )
        },
    )
    item = items(tables)["fresh", "frozen at 10 %"]
    assert list(item.effects.index[item.effects.isna()]) == [3]
    assert item.reason == "not needed: never learning beta and gamma costs no more than the margin in 1 of 12 seeds"


def test_what_freezing_as_many_weights_costs_is_not_charged_to_beta_and_gamma():
    cost = {"frozen": WORTH, "frozen_at_10": 0.3, "weights_frozen_at_10": 0.3, "start_permuted": 0.1}
    tables = settled(lambda row: 0, changes={"areas.log_loss": lambda row: -1 + row["norm"].map(cost).fillna(0)})
    found = items(tables)["clean", "frozen at 10 %"].effects
    assert found.to_numpy() == pytest.approx(WORTH - 0.3, abs=0.1)


def test_losses_before_the_freezing_do_not_count():
    def log_loss(row):
        at = row["norm"].map({"frozen_at_10": 0.1, "frozen_at_30": 0.3}).fillna(0)
        above = row["norm"].map({"frozen": WORTH, "start_permuted": 0.1}).fillna(0)
        return -1 + above + np.where((at > 0) & (row["since"] != at), 5.0, 0.0)

    found = items(settled(lambda row: 0, changes={"areas.log_loss": log_loss}))
    for tau in ("10 %", "30 %"):
        assert found["fresh", f"frozen at {tau}"].effects.to_numpy() == pytest.approx(WORTH, abs=0.1)


def test_a_frozen_run_that_diverges_ranks_worst():
    def log_loss(row):
        above = row["norm"].map({"frozen": WORTH, "start_permuted": 0.1}).fillna(0)
        return np.where(row["norm"] == "frozen_at_10", np.nan, -1 + above)

    found = items(settled(lambda row: 0, changes={"areas.log_loss": log_loss}))["clean", "frozen at 10 %"].effects
    assert found.to_numpy() == pytest.approx(WORTH - 1 - WORST - (WORST + 1), abs=0.1)


def test_the_first_half_of_the_run_is_told_from_the_whole():
    def log_loss(row):
        above = row["norm"].map({"frozen": WORTH, "start_permuted": 0.1}).fillna(0)
        return -1 + above + 9 * (row["span"] == "half") * (row["norm"] == "frozen_at_10")

    found = items(settled(lambda row: 0, changes={"areas.log_loss": log_loss}))["clean", "frozen at 10 %"].effects
    assert found.to_numpy() == pytest.approx(WORTH, abs=0.1)


def test_a_regime_without_the_arms_says_so():
    tables = settled(DESERVED["Supported"])
    tables["freeze"]["cells"] = tables["freeze"]["cells"].query("regime == 'clean'")
    assert "no cells of arms frozen_at_10" in items(tables)["fresh", "frozen at 10 %"].reason
