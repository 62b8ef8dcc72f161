import numpy as np
import pytest

from ..made_up import DESERVED, STEPS, evidence, margin, study, united, verdict

SIGMOID = {"model": ("mlp_sigmoid",), "activation": ("sigmoid",)}
FAR = ("gamma0_01", "gamma0_3", "beta0_minus_3", "beta0_3")
ARMS = ("batch", "gamma0_03", *FAR)


def far(dose, gamma=1.0, beta=1.0, changes=None):
    """Let runs that start far off take longer by shares of the dose."""

    def step(row):
        share = row["norm"].map({arm: gamma if arm.startswith("gamma") else beta for arm in FAR}).fillna(0)
        return (60 - 20 * np.log(row["level"])) * np.exp(share * margin("C13") * dose(row))

    return study({"targets.step": step} | (changes or {}), ARMS, (1.0,), **SIGMOID)


def items(tables):
    return {(item.level, item.part): item for item in evidence("C13", tables)}


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert verdict("C13", far(DESERVED[deserved])).verdict.verdict == deserved


def test_it_may_depend_on_which_of_them_is_far_off():
    found = verdict("C13", far(DESERVED["Supported"], gamma=-1))
    assert found.verdict.verdict == "Depends"
    assert found.levels["gamma"].verdict.verdict == "Contradicted"
    assert found.levels["beta"].verdict.verdict == "Supported"


def test_both_sides_are_needed():
    changes = {"targets.step": lambda row: 100 * np.where(row["norm"] == "beta0_3", 2.0, 1.0)}
    found = verdict("C13", far(lambda row: 0, changes=changes))
    assert found.levels["beta"].parts["high"].verdict == "Supported"
    assert found.levels["beta"].verdict.verdict == "Undecided"


def test_runs_that_never_arrive_count_with_all_their_steps():
    changes = {"targets.step": lambda row: np.where(row["norm"] == "beta0_minus_3", np.nan, 100.0)}
    found = items(far(lambda row: 0, changes=changes))["beta", "low"].effects
    assert found.to_numpy() == pytest.approx(np.log(STEPS / 100), abs=0.05)


def test_the_target_is_the_lowest_loss_that_the_usual_start_reaches_in_every_seed():
    def step(row):
        reached = (row["level"] >= 0.5) | (row["norm"] != "batch") | (row["seed"] != 3)
        return np.where(reached, np.where((row["level"] == 0.5) & (row["norm"] == "gamma0_3"), 300, 100), np.nan)

    found = items(far(lambda row: 0, changes={"targets.step": step}))["gamma", "high"].effects
    assert found.to_numpy() == pytest.approx(np.log(3), abs=0.05)


def test_a_usual_start_that_reaches_no_level_in_every_seed_is_said():
    changes = {"targets.step": lambda row: np.where((row["norm"] == "batch") & (row["seed"] == 3), np.nan, 100.0)}
    assert (
        "no loss level is reached by every run of arm batch"
        in verdict("C13", far(lambda row: 0, changes=changes)).verdict.reason
    )


def test_relu_cells_of_the_study_do_not_count():
    relu = study({"targets.step": lambda row: 1.0 * row["seed"] + 1}, ("beta0_minus_3", "beta0_3"), (1.0,))
    assert verdict("C13", united(far(DESERVED["Supported"]), relu)).verdict.verdict == "Supported"
