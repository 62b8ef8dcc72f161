import pytest

from normshift.measure.discrepancies import discrepancies
from normshift.observe.plan import Plan

from .compare import finite, same
from .made_up import RULES, group

KEYS = ("cell", "quarter", "layer")


def _rows(seen, positions):
    for cell, number in enumerate(seen.record["cell"]):
        for quarter, position in enumerate(positions):
            for layer in range(2):
                mean, sd = finite(seen.record["epoch_tid"][cell, quarter, layer])
                row = {"cell": number, "quarter": quarter, "position": position, "layer": layer + 1}
                yield {**row, "tid_mean": mean, "tid_sd": sd}


def test_discrepancies_equal_a_plain_loop():
    seen = group("batch")
    # The last full point is step 30, an epoch 40 updates.
    same(discrepancies(seen, RULES), list(_rows(seen, [0.75, 0, 0.25, 0.5])), "discrepancies", KEYS)


@pytest.mark.parametrize("plan", [Plan(30, 7, (0, 21, 29), (21,)), Plan(45, 40, (0, 30, 44), (0, 30))])
def test_positions_are_those_at_which_train_looks(plan):
    seen = group("batch", plan=plan)
    positions = [step % plan.epoch / plan.epoch for step in plan.quarters]
    same(discrepancies(seen, RULES), list(_rows(seen, positions)), "discrepancies", KEYS)


@pytest.mark.parametrize("kind", ["none", "layer"])
def test_arms_without_running_averages_have_no_rows(kind):
    same(discrepancies(group(kind), RULES), [], "discrepancies", KEYS)
