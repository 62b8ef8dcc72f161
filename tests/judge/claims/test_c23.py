import numpy as np
import pytest

from ..made_up import BEST, DESERVED, evidence, margin, study, verdict


def loss(row):
    """Fall as fast as the learning rate is high, quickly enough for every rate to pass the first levels."""
    return 2.3 * np.exp(-row["step"] * (row["lr"] / 0.01) ** 0.25 / 300)


def rising(dose, clean=1.0, fresh=1.0, distribution=1.0, gradient=1.0):
    """Let the shift per nat rise by shares of the dose per tripling: a step's shift and its gain of loss rise alike."""

    def made(share):
        def shift(row):
            size = share * row["regime"].map({"clean": clean, "fresh": fresh}) * margin("C23") * dose(row)
            return 0.01 * (row["lr"] / 0.01) ** 0.25 * (row["lr"] / BEST) ** (size / np.log(3))

        return shift

    return {"shifts.mean_shift": made(distribution), "gradients.relative": made(gradient), "losses.loss": loss}


def items(tables):
    return {(item.level, item.part): item for item in evidence("C23", tables)}


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert verdict("C23", study(rising(DESERVED[deserved]))).verdict.verdict == deserved


def test_it_may_depend_on_the_regime():
    found = verdict("C23", study(rising(DESERVED["Supported"], clean=0)))
    assert found.verdict.verdict == "Depends"
    assert found.levels["clean"].verdict.verdict == "No meaningful effect"


def test_distribution_and_gradient_are_both_needed():
    found = verdict("C23", study(rising(DESERVED["Supported"], gradient=0)))
    assert found.verdict.verdict == "Undecided"
    assert found.levels["fresh"].parts["distribution, none"].verdict == "Supported"
    assert found.levels["fresh"].parts["gradient, none"].verdict == "No meaningful effect"


def test_a_step_that_shifts_more_only_because_it_learns_more_is_no_effect():
    """A step's shift is proportional to the rate by definition: what counts is what a nat costs."""

    def shift(row):
        return 0.01 * row["lr"] / 0.01

    def quick(row):
        return 2.3 * np.exp(-row["step"] * row["lr"] / 3)

    tables = study(
        {"shifts.mean_shift": shift, "gradients.relative": shift, "losses.loss": quick}, rates=(0.01, 0.03, 0.1)
    )
    for item in items(tables).values():
        assert item.effects.to_numpy() == pytest.approx(0, abs=0.1)


def test_the_layers_own_gamma_and_beta_do_not_precede_it():
    tables = study({"gradients.relative": lambda row: np.where(row["reading"] == "with", row["lr"], 0.01)})
    assert items(tables)["fresh", "gradient, batch"].effects.to_numpy() == pytest.approx(0, abs=0.05)


def test_late_shifts_do_not_count():
    """The first segment between two levels ends at the second of them."""

    def shift(row):
        return np.where(row["step"] > 500, row["lr"], 0.01)

    found = items(study({"shifts.mean_shift": shift, "gradients.relative": shift}))
    for part in ("distribution, batch", "gradient, batch"):
        assert found["fresh", part].effects.to_numpy() == pytest.approx(0, abs=0.05)


def test_one_rate_makes_no_slope():
    found = verdict("C23", study({"outcomes.learned": lambda row: row["lr"] == 0.1}))
    assert found.verdict.verdict == "Undecided" and "learns at 1 learning rates, 2 needed" in found.verdict.reason


def test_too_few_common_levels_are_said():
    found = verdict("C23", study({"losses.loss": lambda row: 2.3 - row["step"] * 1e-3}))
    assert "every run passes 1 of the loss levels, 2 needed" in found.verdict.reason
