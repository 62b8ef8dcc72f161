import numpy as np
import pytest

from ..made_up import evidence, study, verdict

LADDER = tuple(0.1 * 1.5**step for step in range(10))
BEST = LADDER[2]


def apart(grid_steps):
    """Let the highest rate that learns lie this many steps of the ladder above the best one, per seed."""

    def learned(row):
        return np.log(row["lr"] / BEST) / np.log(1.5) < grid_steps(row) + 0.5

    return {"outcomes.learned": learned, "outcomes.area": lambda row: np.abs(np.log(row["lr"] / BEST))}


DISTANCE = {
    "Supported": lambda row: 0,
    "No meaningful effect": lambda row: 2,
    "Contradicted": lambda row: 5,
    "Undecided": lambda row: np.where(row["seed"] % 2, 0, 5),
}


@pytest.mark.parametrize("deserved", DISTANCE)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert verdict("C27", study(apart(DISTANCE[deserved]), rates=LADDER)).verdict.verdict == deserved


def test_a_highest_rate_beyond_the_ladder_is_censored_never_imputed():
    changes = apart(DISTANCE["Supported"]) | {"outcomes.learned": lambda row: True}
    assert all(item.effects.isna().all() for item in evidence("C27", study(changes, rates=LADDER)))
    found = verdict("C27", study(changes, rates=LADDER))
    assert found.verdict.verdict == "Undecided" and "outside the grid in 12 of 12 seeds" in found.verdict.reason


def test_an_optimum_at_the_edge_is_undecided():
    changes = apart(DISTANCE["Supported"]) | {"outcomes.area": lambda row: row["lr"]}
    found = verdict("C27", study(changes, rates=LADDER))
    assert found.verdict.verdict == "Undecided" and "edge of the grid" in found.verdict.reason


def test_the_best_rate_is_that_of_the_tuning_seeds():
    def area(row):
        return np.abs(np.log(row["lr"] / np.where(row["role"] == "tuning", BEST, LADDER[6])))

    changes = apart(DISTANCE["Supported"]) | {"outcomes.area": area}
    for item in evidence("C27", study(changes, rates=LADDER)):
        assert item.effects.to_numpy() == pytest.approx(np.log(2))


def test_an_arm_that_never_learns_is_told_apart_from_a_ladder_too_short():
    changes = apart(DISTANCE["Supported"]) | {"outcomes.learned": lambda row: False}
    for item in evidence("C27", study(changes, rates=LADDER)):
        assert "no learning rate learns in 12 of 12 seeds" in item.reason and "outside" not in item.reason
