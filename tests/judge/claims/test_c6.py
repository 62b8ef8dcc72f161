import numpy as np
import pytest

from ..made_up import BEST, DESERVED, RATES, evidence, margin, registered, study, united, verdict

SIGMOID = {"model": ("mlp_sigmoid",), "activation": ("sigmoid",)}
ARMS = ("batch", "frozen")


def restricted(dose, relu=1.0, sigmoid=1.0):
    """Let `frozen` end worse in loss and accuracy by a share of the dose."""
    return {"core": study(_worse(dose, relu)), "affine": study(_worse(dose, sigmoid), ARMS, **SIGMOID)}


def _worse(dose, share):
    def loss(row):
        return 0.2 * np.exp(share * margin("C6") * dose(row) * (row["norm"] == "frozen"))

    def accuracy(row):
        return 0.9 - share * dose(row) / 100 * (row["norm"] == "frozen")

    return {"outcomes.final_loss": loss, "outcomes.test_accuracy_batch": accuracy}


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert verdict("C6", restricted(DESERVED[deserved])).verdict.verdict == deserved


def test_it_may_depend_on_the_nonlinearity():
    found = verdict("C6", restricted(DESERVED["Supported"], relu=0))
    assert found.verdict.verdict == "Depends"
    assert found.levels["relu"].verdict.verdict == "No meaningful effect"
    assert found.levels["sigmoid"].verdict.verdict == "Supported"


def test_fixed_moments_that_only_need_another_rate_are_not_called_worse():
    """At matched rates frozen ends worse, at its own best rate it does not: the control of the tuned rate."""

    def loss(row):
        return 0.2 * np.where((row["norm"] == "frozen") & (row["lr"] != 3.0), 2.0, 1.0)

    def area(row):
        return np.abs(np.log(row["lr"] / np.where(row["norm"] == "frozen", 3.0, BEST)))

    core = study({"outcomes.final_loss": loss, "outcomes.area": area})
    found = verdict("C6", restricted(DESERVED["Supported"]) | {"core": core})
    assert found.levels["relu"].parts["loss"].verdict == "Supported"
    assert found.levels["relu"].parts["loss, best rates"].verdict == "No meaningful effect"
    assert found.verdict.verdict == "Undecided"


def test_what_is_memorised_is_expressed_however_low_the_loss():
    line = registered().rules.memorised

    def loss(row):
        return line * np.where(row["norm"] == "frozen", 0.9, 0.01)

    core = study({"outcomes.final_loss": loss})
    items = {
        (item.level, item.part): item.effects for item in evidence("C6", restricted(lambda row: 0) | {"core": core})
    }
    assert items["relu", "loss"].to_numpy() == pytest.approx(0, abs=1e-12)


def test_accuracy_is_lost_in_points():
    def accuracy(row):
        return np.where(row["norm"] == "frozen", 0.87, 0.9)

    core = study({"outcomes.test_accuracy_batch": accuracy})
    items = {
        (item.level, item.part): item.effects for item in evidence("C6", restricted(lambda row: 0) | {"core": core})
    }
    assert items["relu", "accuracy"].to_numpy() == pytest.approx(3)
    assert items["relu", "accuracy, best rates"].to_numpy() == pytest.approx(3)


def test_sigmoid_cells_beside_relu_cells_of_one_study_are_told_apart():
    relu = study(arms=("gamma", "beta"), rates=RATES)
    sigmoid = study(_worse(DESERVED["Supported"], 1), ("batch", "frozen", "gamma", "beta"), **SIGMOID)
    found = verdict("C6", {"core": study(), "affine": united(relu, sigmoid)})
    assert found.verdict.verdict == "Depends"
    assert found.levels["relu"].verdict.verdict == "No meaningful effect"


def test_an_optimum_at_the_edge_leaves_the_claim_undecided():
    core = study(_worse(DESERVED["Supported"], 1) | {"outcomes.area": lambda row: row["lr"]})
    found = verdict("C6", restricted(DESERVED["Supported"]) | {"core": core})
    assert found.verdict.verdict == "Undecided" and "edge of the grid" in found.verdict.reason
