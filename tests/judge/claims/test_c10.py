import numpy as np
import pytest

from ..made_up import DESERVED, evidence, margin, study, verdict

SIGMOID = {"model": ("mlp_sigmoid",), "activation": ("sigmoid",)}


def marching(dose, step=1.0, run=1.0, sigmoid=1.0):
    """Let `batch` change sign less often, and get further than a random walk, by shares of the dose."""

    def made(share):
        def factor(row, own):
            return np.exp(share * own * margin("C10") * dose(row) * (row["window"] == "all"))

        def sign_changes(row):
            return 0.5 / factor(row, step)

        def net(row):
            return 0.3 * factor(row, run)

        return {"motion.sign_changes": sign_changes, "motion.net": net}

    return {"core": study(made(1.0)), "affine": study(made(sigmoid), ("batch",), (1.0, 3.0), **SIGMOID)}


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert verdict("C10", marching(DESERVED[deserved])).verdict.verdict == deserved


def test_a_march_of_steps_without_memory_depends_on_the_scale():
    found = verdict("C10", marching(DESERVED["Supported"], step=0))
    assert found.verdict.verdict == "Depends"
    assert found.levels["step"].verdict.verdict == "No meaningful effect"
    assert found.levels["run"].verdict.verdict == "Supported"


def test_both_nonlinearities_are_needed():
    found = verdict("C10", marching(DESERVED["Supported"], sigmoid=0))
    assert found.verdict.verdict == "Undecided"
    assert found.levels["run"].parts["beta, relu"].verdict == "Supported"
    assert found.levels["run"].parts["beta, sigmoid"].verdict == "No meaningful effect"


def test_a_long_way_of_long_steps_is_no_march():
    """Ten times as far with steps ten times as long: what counts is the random walk with the same steps."""

    def far(row):
        return 0.3 * np.where(row["lr"] > 0.1, 10.0, 1.0)

    core = study({"motion.net": far, "motion.walk": far})
    items = {
        (item.level, item.part): item.effects for item in evidence("C10", marching(lambda row: 0) | {"core": core})
    }
    assert items["run", "gamma, relu"].to_numpy() == pytest.approx(0, abs=0.02)


def test_rates_that_do_not_learn_are_dropped():
    core = study(
        {"motion.net": lambda row: np.where(row["lr"] > 1, 9.0, 0.3), "outcomes.learned": lambda row: row["lr"] <= 1}
    )
    for item in evidence("C10", marching(lambda row: 0) | {"core": core}):
        assert item.effects.to_numpy() == pytest.approx(0, abs=0.02)


def test_a_vector_that_never_moved_has_no_straightness():
    core = study({"motion.walk": lambda row: np.where(row["seed"] == 3, 0.0, 0.3)})
    (item,) = [
        item
        for item in evidence("C10", marching(lambda row: 0) | {"core": core})
        if (item.level, item.part) == ("run", "beta, relu")
    ]
    assert list(item.effects.index[item.effects.isna()]) == [3]
