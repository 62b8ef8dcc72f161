from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from normshift.judge.claims import REGISTRY
from normshift.judge.controls.same_arms import ESTIMANDS, STUDY, control, relabelled
from normshift.judge.frames import Tables

from ..made_up import margin, registered, study, together

SEEDS = tuple(range(2000, 2024))
RULES = registered().rules
ARMS = ("one", "other")


def null(changes=None, seeds=SEEDS) -> Tables:
    """Study `same_arm`: batch norm at one rate, further seeds."""
    tables = study(changes, arms=("batch",), rates=(0.3,), seeds=seeds)
    return together({"core": study(), STUDY: tables})


@cache
def found():
    return control(registered(), null())


def test_equal_arms_get_no_direction():
    assert found()["directional"] == 0 and found()["holds"] and found()["pairs"] == 12
    assert found()["judged"] == len(found()["verdicts"])
    assert any(name.startswith("C4a") for name in found()["verdicts"])


def test_pairs_of_seeds_play_the_two_arms_and_keep_their_rows():
    tables = null().of_studies([STUDY])
    own = tables.rows("noise", norm="batch", site="a")
    cells = own["cell"].unique()
    paired = relabelled(replace(tables, cells=tables.cells[tables.cells["cell"].isin(cells)]), ARMS)
    for regime in ("clean", "fresh"):
        rows = paired.rows("noise", site="a", regime=regime)
        assert set(rows["norm"]) == set(ARMS) and set(rows["seed"]) == set(range(12))
        for (seed, norm), group in rows.groupby(["seed", "norm"]):
            source = own[own["seed"] == 2000 + 2 * seed + ARMS.index(norm)]
            assert group["mean_noise"].tolist() == source["mean_noise"].tolist()


def test_an_odd_seed_out_is_left_out():
    assert control(registered(), null(seeds=(*SEEDS, 2024)))["pairs"] == 12


def odd(size):
    """A column that is larger in one seed of each pair, as if the machine treated one arm otherwise."""
    return lambda row: 0.1 * np.exp(size * (row["seed"] % 2 == 0))


def test_a_machine_that_treats_one_arm_otherwise_is_caught():
    biased = control(registered(), null({"noise.mean_noise": odd(2 * margin("C4a"))}))
    assert {"C4a, all, noise", "noise of the mean at a"} == set(biased["names"])
    assert biased["directional"] == 2 and not biased["holds"]


@pytest.mark.parametrize("bias", [-1, 1])
def test_a_claim_with_a_bias_of_its_own_is_caught(bias):
    def effects(tables, rules):
        return [
            replace(item, effects=item.effects + bias * 2 * margin("C4a")) for item in REGISTRY["C4a"](tables, rules)
        ]

    biased = control(registered(), null(), REGISTRY | {"C4a": effects})
    assert biased["names"] == ["C4a, all, noise"]


def test_only_what_compares_the_two_arms_is_judged():
    drifting = control(registered(), null({"shifts.mean_shift": lambda row: 9.0}))
    assert drifting["directional"] == 0  # C5 at its level `noise` is Supported, and rightly so


def test_every_estimand_reads_a_column_that_is_there():
    assert set(ESTIMANDS) <= set(found()["verdicts"])
    assert found()["verdicts"]["late steps of beta"] == "No meaningful effect"


def test_without_the_study_or_with_too_few_pairs_the_reason_stands_there():
    assert control(registered(), together({"core": study()}))["reason"] == (
        f"study {STUDY} has 0 pairs of seeds in this run, {RULES.seeds} needed"
    )
    assert "has 3 pairs" in control(registered(), null(seeds=SEEDS[:6]))["reason"]
