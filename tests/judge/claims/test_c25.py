import numpy as np
import pytest

from ..made_up import DESERVED, evidence, margin, verdict
from ..studies import STUDIES, run

LADDER = STUDIES["ladder"]["rates"]
BEST = LADDER[3]


def tuned(dose, below=1.0, above=1.0):
    """Let the steps fall with the rate by a share of the dose per tripling, on each side of the best rate."""

    def step(row):
        triplings = np.log(row["lr"] / BEST) / np.log(3)
        share = np.where(triplings < 0, below, above)
        return 200 * np.exp(-share * margin("C25") * dose(row) * triplings)

    return {"targets.step": step, "outcomes.area": lambda row: np.abs(np.log(row["lr"] / BEST))}


def judged(changes, **grids):
    return verdict("C25", run("C25", changes, **grids))


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert judged(tuned(DESERVED[deserved])).verdict.verdict == deserved


def test_a_u_shape_depends_on_the_side():
    found = judged(tuned(DESERVED["Supported"], above=-1))
    assert found.verdict.verdict == "Depends"
    assert found.levels["below"].verdict.verdict == "Supported"
    assert found.levels["above"].verdict.verdict == "Contradicted"


def test_both_arms_are_needed():
    changes = tuned(DESERVED["Supported"])
    own = changes["targets.step"]
    changes["targets.step"] = lambda row: np.where(row["norm"] == "none", 200, own(row))
    assert judged(changes).verdict.verdict == "Undecided"


def test_runs_that_never_arrive_count_with_the_whole_run():
    changes = tuned(lambda row: 0)
    changes["targets.step"] = lambda row: np.where(row["lr"] > BEST, np.nan, 100)
    for item in evidence("C25", run("C25", changes)):
        if item.level == "above":
            x = np.log(LADDER[3:]) / np.log(3)
            expected = -np.polyfit(x, np.log([100, *[1000] * 4]), 1)[0]
            assert item.effects.to_numpy() == pytest.approx(expected, abs=0.05)


def test_the_target_is_the_lowest_loss_that_every_run_reaches_at_the_best_rate():
    def step(row):
        missed = (row["level"] < 0.5) & (row["seed"] == 7)
        # Were the lowest level the target, the highest rates would win.
        return np.where(missed, np.nan, np.where(row["level"] < 0.5, 900 / row["lr"], 100))

    assert judged(tuned(lambda row: 0) | {"targets.step": step}).verdict.verdict == "No meaningful effect"
    missed = judged(tuned(lambda row: 0) | {"targets.step": lambda row: np.where(row["seed"] == 7, np.nan, 100)})
    assert "no loss level is reached by every run at the best rate" in missed.verdict.reason


def test_the_ladder_must_reach_to_both_sides():
    edge = judged(tuned(lambda row: 0) | {"outcomes.area": lambda row: -np.log(row["lr"]) + 9})
    assert "edge of the grid" in edge.verdict.reason
    near = judged(tuned(lambda row: 0), ladder={"rates": LADDER[2:]})
    assert near.levels["below"].parts["none"].reason == "2 rates below and at the best, 3 needed"


def test_the_best_rate_is_that_of_the_tuning_seeds():
    changes = tuned(DESERVED["Supported"], above=-1)
    changes["outcomes.area"] = lambda row: np.abs(
        np.log(row["lr"] / np.where(row["role"] == "tuning", BEST, LADDER[1]))
    )
    assert judged(changes).verdict.verdict == "Depends"
