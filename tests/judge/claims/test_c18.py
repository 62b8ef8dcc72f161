import numpy as np
import pytest

from ..made_up import DESERVED, evidence, verdict
from ..studies import run

ORDERS = ("reshuffle", "stratified", "iid", "dirichlet", "blocked", "buffer", "single", "sorted")
CORE = {"order": ("reshuffle", "sorted"), "regime": ("clean",)}


def fluctuating(dose, window="early"):
    """Let the rate alone, the order alone, or both alike spread the log of the amplitude."""

    def amplitude(row):
        place = row["order"].map({order: number for number, order in enumerate(ORDERS)}) / 7 - 0.5
        rate = np.log(row["lr"] / 0.3) / np.log(10)
        share = dose(row)
        # Of equal variance over three rates and eight orders, so that where both count neither explains more.
        size = np.where(share >= 0, 1.0, 0.0) * rate + np.where(share <= 0, 1.0, 0.0) * EQUAL * place
        return 1e-2 * np.exp(np.where(row["window"] == window, size, 0.0))

    return {"motion.fluctuation": amplitude}


EQUAL = np.std(np.log([0.1, 0.3, 1.0]) / np.log(10)) / np.std(np.arange(8) / 7)


def judged(changes, **grids):
    return verdict("C18", run("C18", changes, core=CORE, **grids))


@pytest.mark.parametrize("deserved", DESERVED)
def test_tables_get_the_verdict_they_deserve(deserved):
    assert judged(fluctuating(DESERVED[deserved])).verdict.verdict == deserved


def test_the_late_window_and_the_arms_that_are_controls_do_not_count():
    changes = fluctuating(DESERVED["Supported"])
    own = changes["motion.fluctuation"]
    changes["motion.fluctuation"] = lambda row: np.where(row["norm"] == "batch", own(row), 9.0)
    assert judged(changes).verdict.verdict == "Supported"
    assert judged(fluctuating(DESERVED["Contradicted"], window="late")).verdict.verdict == "Undecided"


def test_an_order_in_which_a_seed_does_not_learn_is_left_out():
    """Else an order that fails would be one that fluctuates."""

    def amplitude(row):
        return 1e-2 * np.exp(np.log(row["lr"])) * np.where(row["order"] == "blocked", 1e6, 1.0)

    wild = {"motion.fluctuation": amplitude}
    assert judged(wild).verdict.verdict == "Contradicted"
    failing = {"outcomes.learned": lambda row: (row["order"] != "blocked") | (row["lr"] < 1) | (row["seed"] > 0)}
    assert judged(wild | failing).verdict.verdict == "Supported"
    (drop,) = evidence("C18", run("C18", wild | failing, core=CORE))[0].dropped
    assert (drop.lr, drop.arm, drop.seeds) == (1.0, "batch, order blocked", 1)


def test_a_rate_at_which_reshuffled_runs_do_not_learn_is_left_out_and_three_are_needed():
    failing = {"outcomes.learned": lambda row: (row["order"] != "reshuffle") | (row["lr"] < 1)}
    found = judged(fluctuating(DESERVED["Supported"]) | failing)
    assert "every seed learns at 2 rates with 8 orders, 3 of each needed" in found.verdict.reason
    few = judged(fluctuating(DESERVED["Supported"]), order={"order": ("single",)})
    assert few.verdict.verdict == "Supported"  # reshuffle, sorted and single
    fewer = verdict("C18", run("C18", core=CORE | {"order": ("reshuffle",)}, order={"order": ("single",)}))
    assert "with 2 orders" in fewer.verdict.reason
