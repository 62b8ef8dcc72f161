import numpy as np
import pytest

from ..made_up import DESERVED, evidence, margin, verdict
from ..studies import run

FULL = 1197


def distorted(row):
    """Of a full batch the distorted optimum is the optimum itself."""
    return np.where(row["batch_size"] == FULL, 1e-30, 0.02)


def ending(dose, reshuffle=1.0, single=1.0, full=4.0):
    """Let a run end nearer to the optimum than the distorted one by its share of the dose, full batch by a factor."""

    def excess(row):
        near = margin("C21") * dose(row) * row["order"].map({"reshuffle": reshuffle, "single": single})
        return 0.02 * np.exp(-np.where(row["batch_size"] == FULL, np.log(full), near))

    return {"regression.distorted": distorted, "regression.excess": excess}


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert verdict("C21", run("C21", ending(DESERVED[deserved]))).verdict.verdict == deserved


def test_it_may_depend_on_the_order():
    found = verdict("C21", run("C21", ending(DESERVED["Supported"], single=0)))
    assert found.verdict.verdict == "Depends"
    assert found.levels["single"].verdict.verdict == "No meaningful effect"


def test_a_full_batch_that_comes_no_nearer_shows_that_the_run_is_too_short():
    changes = ending(DESERVED["Supported"])
    changes["regression.excess"] = lambda row, own=changes["regression.excess"]: np.where(
        (row["batch_size"] == FULL) & (row["seed"] == 2), 0.018, own(row)
    )
    found = verdict("C21", run("C21", changes))
    assert found.verdict.verdict == "Undecided"
    assert "the full batch comes no nearer to the optimum in 1 of 12 seeds" in found.verdict.reason


def test_a_run_that_ends_at_the_optimum_itself_is_as_near_as_single_precision_can_tell():
    def excess(row):
        return np.where(row["seed"] % 2, -1e-12, 0.0)

    for item in evidence("C21", run("C21", {"regression.excess": excess, "regression.distorted": distorted})):
        assert item.effects.to_numpy() == pytest.approx(np.log(0.02) - np.log(np.finfo(np.float32).eps), abs=0.05)


def test_a_missing_end_is_missing_at_either_rate():
    def excess(row):
        return np.where((row["lr"] == 0.1) & (row["seed"] == 5) & (row["batch_size"] < FULL), np.nan, 0.001)

    for item in evidence("C21", run("C21", {"regression.excess": excess, "regression.distorted": distorted})):
        assert item.effects.isna().sum() == 1 and np.isnan(item.effects[5])


def test_an_order_that_was_not_run_is_said():
    found = verdict("C21", run("C21", ending(DESERVED["Supported"]), regression={"order": ("reshuffle",)}))
    assert found.levels["single"].parts["distance"].reason == "no cells of order single in this run"
