import numpy as np
import pytest

from ..made_up import DESERVED, STEPS, evidence, margin, study, united, verdict

FROZEN = ("frozen_at_10", "frozen_at_30")


def steadied(dose, clean=1.0, fresh=1.0, noise=3.0, changes=None):
    """Let frozen runs lie lower, and noisy ones take longer, by shares of the dose; noise slows `none` by a factor."""

    def size(row):
        return margin("C12") * row["regime"].map({"clean": clean, "fresh": fresh}) * dose(row)

    def log_loss(row):
        return -1 - np.where(row["norm"].isin(FROZEN), size(row), 0)

    def step(row):
        slower = np.exp(size(row) * (row["norm"] == "noisy")) * np.where(row["norm"] == "none_noisy", noise, 1.0)
        return (60 - 20 * np.log(row["level"])) * slower

    own = {"areas.log_loss": log_loss, "targets.step": step} | (changes or {})
    noisy = [study(own, ("noisy",), (0.3, 1.0)), study(own, ("none_noisy",), (0.1, 0.3))]
    return {"core": study(own), "noise": united(*noisy), "freeze": study(own, FROZEN, (1.0,))}


def items(tables):
    return {(item.level, item.part): item for item in evidence("C12", tables)}


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert verdict("C12", steadied(DESERVED[deserved])).verdict.verdict == deserved


def test_it_may_depend_on_the_regime():
    found = verdict("C12", steadied(DESERVED["Supported"], clean=0))
    assert found.verdict.verdict == "Depends"
    assert found.levels["clean"].verdict.verdict == "No meaningful effect"


def test_noise_that_does_not_slow_the_network_without_batch_norm_tells_nothing():
    found = verdict("C12", steadied(DESERVED["No meaningful effect"], noise=1.1))
    assert found.verdict.verdict == "Undecided"
    assert "too weak: the same noise does not slow" in found.levels["fresh"].parts["noisy"].reason
    assert found.levels["fresh"].parts["frozen at 10 %"].verdict == "No meaningful effect"


def test_noise_is_asked_to_be_strong_in_each_seed():
    def step(row):
        return 100 * np.where((row["norm"] == "none_noisy") & (row["seed"] != 3), 3.0, 1.0)

    item = items(steadied(lambda row: 0, changes={"targets.step": step}))["clean", "noisy"]
    assert list(item.effects.index[item.effects.isna()]) == [3]


def test_noisy_runs_that_never_arrive_count_with_all_their_steps():
    def step(row):
        lost = row["norm"].isin(("noisy", "none_noisy"))
        return np.where(lost, np.nan, 100.0)

    item = items(steadied(lambda row: 0, changes={"targets.step": step}))["fresh", "noisy"]
    assert item.effects.to_numpy() == pytest.approx(np.log(STEPS / 100), abs=0.05)


def test_each_arm_is_compared_at_the_rates_that_both_have():
    def step(row):
        odd = (row["norm"] == "batch") & ~row["lr"].isin((0.3, 1.0))
        odd |= (row["norm"] == "none") & ~row["lr"].isin((0.1, 0.3))
        return np.where(odd, 1.0, np.where(row["norm"] == "none_noisy", 300, 100))

    item = items(steadied(lambda row: 0, changes={"targets.step": step}))["fresh", "noisy"]
    assert item.effects.to_numpy() == pytest.approx(0, abs=0.05)


def test_a_part_each_for_when_beta_and_gamma_are_frozen():
    def log_loss(row):
        return -1 - 1.0 * (row["norm"] == "frozen_at_30") * (row["since"] == 0.3)

    found = items(steadied(lambda row: 0, changes={"areas.log_loss": log_loss}))
    assert found["clean", "frozen at 10 %"].effects.to_numpy() == pytest.approx(0, abs=0.1)
    assert found["clean", "frozen at 30 %"].effects.to_numpy() == pytest.approx(1, abs=0.1)
