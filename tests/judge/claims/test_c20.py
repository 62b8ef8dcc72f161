import numpy as np
import pytest

from ..made_up import study, verdict


def off(factor, where):
    """Let H of some batches be off by a factor."""

    def measured(row):
        return 0.0015 * np.where(where(row), factor, 1.01)

    return {"heterogeneity.expected": lambda row: 0.0015, "heterogeneity.measured": measured}


def usual(row):
    return (row["order"] == "reshuffle") & (row["batch_size"] == 60)


def test_identity_holds_at_the_exact_value():
    assert verdict("C20", study()).verdict.verdict == "By definition"
    assert verdict("C20", study(off(1.2, usual))).verdict.verdict == "By definition"


@pytest.mark.parametrize("factor", [1.3, 1 / 1.3])
@pytest.mark.parametrize("quantity", ["label_share", "input_mean"])
def test_identity_fails_where_one_seed_is_off_either_way(factor, quantity):
    broken = off(factor, lambda row: usual(row) & (row["seed"] == 4) & (row["quantity"] == quantity))
    found = verdict("C20", study(broken))
    assert found.verdict.verdict == "Contradicted" and "fails in 1 of 12 seeds" in found.verdict.reason


def test_a_quantity_that_was_not_measured_is_not_taken_to_hold():
    tables = study()
    rows = tables["heterogeneity"]
    gone = (rows["seed"] == 3) & (rows["quantity"] == "input_mean") & (rows["order"] == "reshuffle")
    for cut in (rows[~gone], rows.assign(measured=rows["measured"].mask(gone))):
        found = verdict("C20", {**tables, "heterogeneity": cut})
        assert found.verdict.verdict == "Undecided" and "not measured in 1 of 12" in found.verdict.reason


def test_orders_that_are_not_random_and_other_batch_sizes_do_not_count():
    assert verdict("C20", study(off(50.0, lambda row: ~usual(row)))).verdict.verdict == "By definition"


def test_no_network_is_needed_and_no_table_is_not_taken_to_hold():
    assert verdict("C20", study(arms=("frozen",), rates=(3.0,))).verdict.verdict == "By definition"
    without = {name: table for name, table in study().items() if name != "heterogeneity"}
    found = verdict("C20", without)
    assert found.verdict.verdict == "Undecided" and "not measured in 12 of 12" in found.verdict.reason
