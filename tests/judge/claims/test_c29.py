import numpy as np
import pytest

from ..made_up import DESERVED, evidence, registered, verdict
from ..studies import run

CORE = {"order": ("reshuffle", "sorted"), "regime": ("clean",)}
MARGINS = {name: part.margin for name, part in registered().claims["C29"].parts.items()}


def missing(dose, order=1.0, memory=1.0, accuracy=1.0):
    """Let running averages miss more where sorted, with a short memory, and cost accuracy, each by its share."""

    def tid(row):
        sorted_, long = row["order"] == "sorted", row["norm"] == "ema_001"
        size = order * MARGINS["order"] * (sorted_ & ~long) + (
            order * MARGINS["order"] - memory * MARGINS["memory"]
        ) * (sorted_ & long)
        return 0.1 * np.exp(dose(row) * size)

    def ema(row):
        return 0.9 - 0.01 * MARGINS["accuracy"] * accuracy * dose(row) * (row["order"] == "sorted")

    return {"discrepancies.tid_mean": tid, "outcomes.test_accuracy_ema": ema}


def judged(changes, **grids):
    return verdict("C29", run("C29", changes, **{"core": CORE} | grids))


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert judged(missing(DESERVED[deserved])).verdict.verdict == deserved


@pytest.mark.parametrize("part", MARGINS)
def test_every_part_is_needed(part):
    found = judged(missing(DESERVED["Supported"], **{part: 0.0}))
    parts = {name: verdict.verdict for name, verdict in found.levels["all"].parts.items()}
    assert parts == dict.fromkeys(MARGINS, "Supported") | {part: "No meaningful effect"}
    assert found.verdict.verdict == "Undecided"


def test_weights_that_are_bad_under_exact_statistics_too_cost_nothing_here():
    """The control: the same weights under both statistics."""
    changes = missing(DESERVED["Supported"])
    changes["outcomes.test_accuracy_population"] = changes["outcomes.test_accuracy_ema"]
    assert judged(changes).levels["all"].parts["accuracy"].verdict == "No meaningful effect"


def test_every_place_in_the_epoch_counts():
    def tid(row):
        return 0.1 * np.where((row["order"] == "sorted") & (row["quarter"] == 2), np.exp(4.0), 1.0)

    order = evidence("C29", run("C29", {"discrepancies.tid_mean": tid}, core=CORE))[0]
    assert order.effects.to_numpy() == pytest.approx(1.0, abs=0.05)


def test_only_the_rate_at_which_both_memories_were_run_counts():
    def tid(row):
        return np.where(row["lr"] == 0.3, 0.1, row["lr"] * (1 + (row["order"] == "sorted")))

    order = evidence("C29", run("C29", {"discrepancies.tid_mean": tid}, core=CORE))[0]
    assert order.effects.to_numpy() == pytest.approx(0, abs=0.05)


def test_what_was_not_run_or_diverged_is_missing():
    found = judged(missing(DESERVED["Supported"]), ema={"order": ("reshuffle",)})
    assert found.verdict.reason == "no cells of order sorted in study ema in this run"
    changes = missing(DESERVED["Supported"])
    own = changes["discrepancies.tid_mean"]
    changes["discrepancies.tid_mean"] = lambda row: np.where(row["seed"] == 3, np.nan, own(row))
    assert "1 missing" in judged(changes).levels["all"].parts["memory"].reason
