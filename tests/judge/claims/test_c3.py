import numpy as np

from ..made_up import study, verdict


def residual(value, where):
    return lambda row: np.where(where(row), value, 1e-6)


def test_identity_holds():
    assert verdict("C3", study()).verdict.verdict == "By definition"


def test_identity_fails_when_broken_in_one_place():
    for column in ("mean_residual", "sd_residual"):
        broken = residual(1e-2, lambda row: (row["norm"] == "frozen") & (row["lr"] == 3) & (row["seed"] == 4))
        found = verdict("C3", study({f"identities.{column}": broken}))
        assert found.verdict.verdict == "Contradicted"
        assert "the identity fails in 1 of 12" in found.verdict.reason


def test_other_modes_arms_and_tuning_seeds_do_not_count():
    elsewhere = residual(1.0, lambda row: (row["mode"] == "ema") | (row["norm"] == "none") | (row["role"] == "tuning"))
    assert verdict("C3", study({"identities.mean_residual": elsewhere})).verdict.verdict == "By definition"


def test_runs_that_diverged_do_not_count():
    changes = {
        "outcomes.diverged_step": lambda row: np.where(row["lr"] == 10, 30, np.nan),
        "identities.mean_residual": lambda row: np.where(row["lr"] == 10, np.nan, 1e-6),
    }
    assert verdict("C3", study(changes)).verdict.verdict == "By definition"


def test_a_residual_that_was_not_measured_is_not_taken_to_hold():
    gone = residual(np.nan, lambda row: (row["norm"] == "batch") & (row["lr"] == 0.1) & (row["seed"] == 2))
    found = verdict("C3", study({"identities.sd_residual": gone}))
    assert found.verdict.verdict == "Undecided" and "not measured in 1 of 12" in found.verdict.reason
