import numpy as np
import pytest

from ..made_up import evidence, study, verdict

ARMS = ("rate_0", "rate_001", "rate_10")


def learnt(changes=None):
    """Losses that are the same with and without a rate of 0, and what a test changes."""
    own = {"losses.training_loss": lambda row: 2.3 * np.exp(-row["step"] / 150)} | (changes or {})
    own |= {"losses.loss": own.get("losses.loss", lambda row: 2.3 * np.exp(-row["step"] / 150))}
    return {"core": study(own), "affine_lr": study(own, ARMS, (1.0,))}


def test_the_identities_hold():
    found = verdict("C16", learnt())
    assert found.verdict.verdict == "By definition"
    assert "holds in 12 of 12 seeds" in found.verdict.reason


def test_a_step_that_is_not_the_rate_times_the_gradient_breaks_it():
    def residual(row):
        odd = (row["norm"] == "batch") & (row["seed"] == 3) & (row["lr"] == 3.0) & (row["step"] == 200)
        return np.where(odd & (row["parameter"] == "gamma") & (row["regime"] == "fresh"), 1e-3, 1e-8)

    found = verdict("C16", learnt({"updates.residual": residual}))
    assert found.verdict.verdict != "By definition"
    assert found.levels["all"].parts["step"].verdict == "Contradicted"
    assert found.levels["all"].parts["rate 0"].verdict == "By definition"


@pytest.mark.parametrize("column", ["loss", "training_loss"])
def test_a_rate_of_zero_that_is_not_frozen_breaks_it(column):
    def loss(row):
        return 2.3 * np.exp(-row["step"] / 150) + 1e-3 * (row["norm"] == "rate_0") * (row["seed"] == 3)

    found = verdict("C16", learnt({f"losses.{column}": loss}))
    assert found.levels["all"].parts["rate 0"].verdict == "Contradicted"


def test_other_rates_of_gamma_and_beta_and_other_rates_of_all_do_not_count():
    def loss(row):
        return 2.3 * np.exp(-row["step"] / 150) + row["norm"].isin(("rate_10", "batch")) + (row["lr"] != 1.0)

    assert verdict("C16", learnt({"losses.loss": loss})).verdict.verdict == "By definition"


def test_runs_that_diverge_do_not_count():
    changes = {
        "outcomes.diverged_step": lambda row: np.where(row["lr"] == 10.0, 5, np.nan),
        "updates.residual": lambda row: np.where(row["lr"] == 10.0, np.nan, 1e-8),
    }
    assert verdict("C16", learnt(changes)).verdict.verdict == "By definition"


def test_a_missing_residual_is_missing_in_its_seed():
    changes = {"updates.residual": lambda row: np.where((row["seed"] == 3) & (row["step"] == 200), np.nan, 1e-8)}
    step, _ = evidence("C16", learnt(changes))
    assert list(step.effects.index[step.effects.isna()]) == [3]
