import numpy as np
import pytest

from ..made_up import BEST, DESERVED, evidence, margin, verdict
from ..studies import STUDIES, run

LADDER, COARSE = STUDIES["ladder"]["rates"], STUDIES["depth"]["rates"]
USUAL = 2  # depth of the reference cell
TOLERATED = {2.0: (6, 3), 0.0: (3, 3), -2.0: (3, 6)}  # places on a ladder of factor 1.5, of none and of batch
COARSELY = {2.0: (3, 0), 0.0: (2, 2), -2.0: (0, 3)}


def better_without(dose, shallow=1.0, deep=1.0, usual=1.0):
    """Let `none` need fewer steps and bear higher rates by the dose; both arms fail at the highest rate of a grid."""

    def share(row):
        return dose(row) * row["depth"].map({1: shallow, USUAL: usual, 10: deep})

    def step(row):
        return (100 - 20 * np.log(row["level"])) * np.exp(margin("C15") * share(row) * (row["norm"] == "batch"))

    def learned(row):
        fine = row["depth"] == USUAL
        place = np.where(row["norm"] == "none", 0, 1)
        doses = np.asarray(share(row))
        highest = [
            LADDER[TOLERATED[one][arm]] if usual else COARSE[COARSELY[one][arm]]
            for one, usual, arm in zip(doses, fine, place, strict=True)
        ]
        return row["lr"] <= np.array(highest) + 1e-9

    return {"targets.step": step, "outcomes.learned": learned}


def judged(changes, **grids):
    return verdict("C15", run("C15", changes, **grids))


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert judged(better_without(DESERVED[deserved])).verdict.verdict == deserved


def test_it_may_depend_on_depth():
    found = judged(better_without(DESERVED["Contradicted"], shallow=0.0))
    assert found.verdict.verdict == "Depends"
    assert found.levels["shallow"].verdict.verdict == "No meaningful effect"
    assert found.levels["deep"].verdict.verdict == "Contradicted"


def test_deep_is_the_mean_of_the_reference_network_and_ten_layers():
    items = {
        (item.level, item.part): item for item in evidence("C15", run("C15", better_without(lambda row: 2.0, deep=0.0)))
    }
    assert items["deep", "speed"].effects.to_numpy() == pytest.approx(margin("C15"), abs=0.05)
    assert items["deep", "tolerance"].effects.to_numpy() == pytest.approx(1.5 * np.log(1.5))
    assert items["shallow", "speed"].effects.to_numpy() == pytest.approx(2 * margin("C15"), abs=0.05)


def test_one_step_of_a_coarse_grid_is_within_the_margin():
    def learned(row):
        return row["lr"] <= np.where(row["norm"] == "none", 1.0, 0.3) * 1.2

    found = judged({"outcomes.learned": learned}).levels
    assert found["shallow"].parts["tolerance"].verdict == "No meaningful effect"


def test_a_failing_premise_is_missing_and_said():
    changes = better_without(DESERVED["Supported"])
    changes["shifts.mean_shift"] = lambda row: np.where((row["seed"] == 3) & (row["depth"] == 10), 0.5, 0.01)
    found = judged(changes)
    assert found.verdict.verdict == "Undecided"
    assert "depth 10: the premise fails in 1 of 12 seeds" in found.verdict.reason
    assert found.levels["shallow"].verdict.verdict == "Supported"


def test_the_premise_looks_at_none_alone_and_at_rates_that_learn():
    changes = better_without(DESERVED["Supported"])
    changes["shifts.mean_shift"] = lambda row: np.where((row["norm"] == "batch") | (row["lr"] == 10), 0.5, 0.01)
    assert judged(changes).verdict.verdict == "Supported"


def test_a_highest_rate_beyond_the_ladder_is_missing_never_imputed_and_said():
    changes = better_without(DESERVED["Supported"])
    own = changes["outcomes.learned"]
    changes["outcomes.learned"] = lambda row: own(row) | ((row["depth"] == USUAL) & (row["norm"] == "none"))
    found = judged(changes)
    assert found.verdict.verdict == "Undecided"
    assert "outside the grid in 12 of 12 seeds" in found.levels["deep"].parts["tolerance"].reason
    assert found.levels["deep"].parts["speed"].verdict == "Supported"
    assert found.levels["shallow"].verdict.verdict == "Supported"


def test_tolerance_is_read_off_the_ladder_and_speed_off_the_whole_run():
    tables = run("C15", better_without(DESERVED["Supported"]))
    tables["core"] = run("C15", better_without(DESERVED["Contradicted"]))["core"]
    found = verdict("C15", tables).levels["deep"].parts
    assert found["tolerance"].verdict == "Supported" and found["speed"].verdict != "Supported"


def test_an_optimum_at_the_edge_is_undecided():
    found = judged(better_without(DESERVED["Supported"]) | {"outcomes.area": lambda row: row["lr"]})
    assert found.verdict.verdict == "Undecided" and "edge of the grid" in found.verdict.reason


def test_speed_is_read_at_the_lowest_level_that_every_run_reaches():
    def step(row):
        missed = (row["norm"] == "batch") & (row["seed"] == 4) & (row["level"] < 0.5) & (row["lr"] == BEST)
        return np.where(missed, np.nan, np.where(row["level"] == 0.5, 100 * (1 + (row["norm"] == "batch")), 100))

    for speed in evidence("C15", run("C15", {"targets.step": step}))[::2]:
        assert speed.effects.to_numpy() == pytest.approx(np.log(2), abs=0.1)


def test_the_best_rates_are_those_of_the_tuning_seeds():
    def area(row):
        return np.abs(np.log(row["lr"] / np.where(row["role"] == "tuning", BEST, 1.0)))

    def step(row):
        return 100 * np.where((row["lr"] == BEST) & (row["norm"] == "batch"), 2, 1)

    for speed in evidence("C15", run("C15", {"outcomes.area": area, "targets.step": step}))[::2]:
        assert speed.effects.to_numpy() == pytest.approx(np.log(2), abs=0.1)


def test_a_run_without_its_regime_says_so():
    tables = run("C15")
    for own in tables.values():
        own["cells"] = own["cells"].assign(regime="fresh")
    speed, tolerance = evidence("C15", tables)[:2]
    assert "no tuning seeds of arm none with regime clean" in speed.reason
    assert "no cells of arm none with regime clean" in tolerance.reason


def test_dropped_rates_name_their_depth():
    items = {item.level: item for item in evidence("C15", run("C15", better_without(DESERVED["Supported"])))}
    assert {drop.arm for drop in items["shallow"].dropped} == {"none, depth 1"}
    assert {drop.arm for drop in items["deep"].dropped} == {"none", "none, depth 10"}
