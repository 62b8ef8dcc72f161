import numpy as np
import pytest

from ..made_up import DESERVED, evidence, margin, study, verdict

BATCH = 0.5  # rest over all with batch norm at y, so that none may have less


def interacting(dose, where=lambda row: True):
    """Let (all + rest) / all of `none` at u be larger than that of `batch` at y by the dose."""

    def size(row):
        batch = 1 + BATCH * (row["site"] == "y")
        none = (1 + BATCH) * np.exp(margin("C1") * dose(row)) * (row["site"] == "u") + (row["site"] == "y")
        rest = np.where(row["norm"] == "none", none, batch) - 1
        return np.where(row["cause"] == "rest", np.maximum(rest, 0) * where(row), 1.0)

    return {"attribution.mean_shift": size, "attribution.sd_shift": size}


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    half = {"Contradicted": lambda row: -1.5 + 0 * row["seed"]}  # twice the margin below would leave less than nothing
    assert verdict("C1", study(interacting(half.get(deserved, DESERVED[deserved])))).verdict.verdict == deserved


def test_parts_that_add_up_everywhere_have_no_meaningful_interaction():
    def nothing(row):
        return np.where(row["cause"] == "rest", 0.0, 1.0)

    found = verdict("C1", study({"attribution.mean_shift": nothing, "attribution.sd_shift": nothing}))
    assert found.verdict.verdict == "No meaningful effect"


def test_the_effect_is_read_at_u_without_batch_norm_and_at_y_with_it():
    def elsewhere(row):
        other = ((row["norm"] == "none") & (row["site"] == "y")) | ((row["norm"] == "batch") & (row["site"] == "u"))
        return np.where((row["cause"] == "rest") & ~other, 0.1, 1.0)

    mean, sd = evidence("C1", study({"attribution.mean_shift": elsewhere, "attribution.sd_shift": elsewhere}))
    assert mean.effects.to_numpy() == pytest.approx(0, abs=0.01)
    assert sd.effects.to_numpy() == pytest.approx(0, abs=0.01)


def test_the_effect_equals_the_formula():
    def size(row):
        return np.where(row["cause"] == "rest", np.where(row["norm"] == "none", 1.0, 0.2), 2.0)

    mean, _ = evidence("C1", study({"attribution.mean_shift": size}))
    assert mean.effects.to_numpy() == pytest.approx(np.log((1 + 1 / 2) / (1 + 0.2 / 2)), abs=0.01)


def test_both_moments_are_needed():
    changes = interacting(DESERVED["Supported"])
    changes.pop("attribution.sd_shift")
    found = verdict("C1", study(changes))
    assert found.verdict.verdict == "Undecided"
    assert found.levels["all"].parts["mean"].verdict == "Supported"


def test_where_nothing_moves_there_is_no_share():
    def size(row):
        still = (row["seed"] == 3) & (row["norm"] == "none") & (row["cause"] != "rest")
        return np.where(still, 0.0, 0.01)

    mean, _ = evidence("C1", study({"attribution.mean_shift": size}))
    assert list(mean.effects.index[mean.effects.isna()]) == [3]


def test_rates_at_which_an_arm_does_not_learn_are_dropped():
    changes = interacting(DESERVED["Supported"], where=lambda row: np.where(row["lr"] < 1, 1.0, 0.0))
    changes["outcomes.learned"] = lambda row: (row["norm"] != "none") | (row["lr"] < 1)
    found = verdict("C1", study(changes))
    assert found.verdict.verdict == "Supported"
    assert {drop.lr for drop in evidence("C1", study(changes))[0].dropped} == {1.0, 3.0, 10.0}
