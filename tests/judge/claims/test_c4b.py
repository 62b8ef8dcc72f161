import numpy as np
import pytest

from ..made_up import BEST, DESERVED, evidence, margin, study, verdict


def drifting(dose, early=1.0, late=1.0):
    """Scale the drift of `none` at y in regime fresh, by a share of the dose before and after the middle of the run."""

    def drift(row):
        size = np.where(row["step"] < 400, early, late) * margin("C4b") * dose(row)
        there = (row["norm"] == "none") & (row["regime"] == "fresh") & (row["horizon"] == "step") & (row["site"] == "y")
        return (0.01 + 1 / (1000 + row["step"])) * np.exp(np.where(there, size, 0))

    return {"shifts.mean_shift": drift}


def quick_loss(row):
    """Fall through the first levels before the middle of the run and through the last after it."""
    return 2.3 * np.exp(-row["step"] / 250)


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert verdict("C4b", study(drifting(DESERVED[deserved]))).verdict.verdict == deserved


def test_opposite_windows_depend():
    changes = drifting(DESERVED["Supported"], early=1, late=-1) | {"losses.loss": quick_loss}
    found = verdict("C4b", study(changes))
    assert found.verdict.verdict == "Depends"
    assert found.levels["early"].verdict.verdict == "Supported"
    assert found.levels["late"].verdict.verdict == "Contradicted"


def test_a_memorised_late_window_leaves_early_alone_to_decide():
    changes = drifting(DESERVED["Supported"], early=1, late=-1) | {"outcomes.memorised": lambda row: True}
    found = verdict("C4b", study(changes | {"losses.loss": quick_loss}))
    assert found.verdict.verdict == "Supported"
    assert found.levels["late"].memorised and found.notes == ("late: memorised, left out",)


def test_every_part_is_needed():
    def drift(row):  # batch drifts less at its best rate alone
        less = (row["norm"] == "batch") & (row["lr"] == BEST)
        return np.where(less, 0.005, 0.01)

    found = verdict("C4b", study({"shifts.mean_shift": drift}))
    assert found.levels["early"].parts["best rates"].verdict == "Supported"
    assert found.verdict.verdict == "Undecided"


def test_an_optimum_at_the_edge_leaves_the_claim_undecided():
    changes = drifting(DESERVED["Supported"]) | {"outcomes.area": lambda row: -np.log(row["lr"]) + 5}
    found = verdict("C4b", study(changes))
    assert found.verdict.verdict == "Undecided"
    assert "best learning rate at the edge of the grid" in found.verdict.reason


def test_arms_with_different_best_rates_are_each_taken_at_their_own():
    def area(row):
        return np.abs(np.log(row["lr"] / np.where(row["norm"] == "batch", 1.0, 0.1)))

    changes = {"outcomes.area": area, "shifts.mean_shift": lambda row: 0.01 * row["lr"]}
    items = {(item.level, item.part): item for item in evidence("C4b", study(changes))}
    assert items["early", "best rates"].effects.mean() == pytest.approx(np.log(0.1), abs=0.05)
    assert items["early", "matched rate"].effects.mean() == pytest.approx(0, abs=0.05)


def test_at_matched_loss_a_slower_arm_pays_for_its_steps():
    """The same drift a step, half the speed: twice the drift per nat."""

    def loss(row):
        return 2.3 * np.exp(-row["step"] / np.where(row["norm"] == "none", 300, 150))

    items = {(item.level, item.part): item for item in evidence("C4b", study({"losses.loss": loss}))}
    assert items["early", "matched loss"].effects.to_numpy() == pytest.approx(np.log(2), abs=0.1)
    assert items["early", "matched rate"].effects.to_numpy() == pytest.approx(0, abs=0.1)


def test_too_few_common_levels_are_undecided():
    found = verdict("C4b", study({"losses.loss": lambda row: 2.3 - row["step"] * 1e-3}))
    reason = found.levels["late"].parts["matched loss"].reason
    assert reason == "at no learning rate does every run pass 3 of the loss levels, to part early from late"


def test_levels_are_those_that_every_run_at_one_rate_passes():
    """A slow rate passes few, and is left out and listed; it takes none away from the others."""

    def loss(row):
        slow = (row["lr"] == 0.01) | ((row["lr"] == 0.1) & (row["norm"] == "none") & (row["seed"] == 4))
        return 2.3 * np.exp(-row["step"] / np.where(slow, 5000, 150))

    items = {(item.level, item.part): item for item in evidence("C4b", study({"losses.loss": loss}))}
    for window in ("early", "late"):
        item = items[window, "matched loss"]
        assert item.effects.to_numpy() == pytest.approx(0, abs=0.1)
        assert [(drop.lr, drop.arm, drop.seeds) for drop in item.dropped] == [
            (0.01, "batch", 12),
            (0.01, "none", 12),
            (0.1, "none", 1),
        ]
        assert {drop.reason for drop in item.dropped} == {"passes fewer than 3 loss levels"}


def test_each_rate_has_its_own_first_and_last_segment():
    """At rate 10 losses stop below 0.5: its last segment is one that others leave behind early."""

    def loss(row):
        return np.maximum(2.3 * np.exp(-row["step"] / 100), np.where(row["lr"] == 10, 0.45, 0.0))

    def drift(row):
        wild = (row["norm"] == "none") & (row["step"] >= 100) & (row["lr"] != 10)
        return 0.01 * np.where(wild, np.e, 1.0)

    items = {
        (item.level, item.part): item
        for item in evidence("C4b", study({"losses.loss": loss, "shifts.mean_shift": drift}))
    }
    assert items["late", "matched loss"].effects.to_numpy() == pytest.approx(6 / 7, abs=0.1)
    assert items["early", "matched loss"].effects.to_numpy() == pytest.approx(0, abs=0.1)


def test_memorised_rates_are_left_out_of_the_late_window_alone():
    def memorised(row):
        return row["lr"] > 1

    changes = {
        "outcomes.memorised": memorised,
        "shifts.mean_shift": lambda row: 0.01 * (1 + 9 * memorised(row) * (row["norm"] == "none")),
    }
    items = {(item.level, item.part): item for item in evidence("C4b", study(changes))}
    assert items["late", "matched rate"].effects.to_numpy() == pytest.approx(0, abs=0.05)
    assert items["early", "matched rate"].effects.to_numpy() == pytest.approx(np.log(10) * 2 / 7, abs=0.05)
    assert {drop.lr for drop in items["late", "matched rate"].dropped} == {3.0, 10.0}
