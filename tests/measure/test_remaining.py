import math

import numpy as np
import pytest

from normshift.measure.remaining import remaining
from normshift.observe.plan import plan

from .compare import finite, same
from .made_up import RULES, STEPS, group

KEYS = ("cell", "step", "layer", "parameter")
EDGES = range(0, STEPS + 1, STEPS // 20)


def _rows(seen, edges=EDGES, blocks=range(20)):
    """How far the end is at each edge, from the inner products of what is left, one by one."""
    for cell, number in enumerate(seen.record["cell"]):
        for place, parameter in enumerate(("gamma", "beta", "weight")):
            for layer in range(2):
                inner = np.zeros((20, 20))
                inner[np.triu_indices(20)] = finite(seen.record["gram"][cell, place, layer])
                inner += np.triu(inner, 1).T
                left = []
                for edge in range(len(edges)):
                    ahead = list(blocks)[edge:]
                    left.append(math.sqrt(sum(inner[one, other] for one in ahead for other in ahead)))
                for edge, step in enumerate(edges):
                    row = {"cell": number, "step": step, "layer": layer + 1, "parameter": parameter}
                    yield {**row, "remaining": left[edge] / left[0] if left[0] == left[0] else math.nan}


@pytest.mark.parametrize("kind", ["none", "batch", "layer"])
def test_remaining_equals_a_plain_loop(kind):
    seen = group(kind)
    rows = list(_rows(seen))
    same(remaining(seen, RULES), rows, "remaining", KEYS)
    assert any(0 < row["remaining"] < 1 for row in rows)


def test_a_run_of_fewer_updates_than_blocks_has_an_edge_at_every_update():
    seen = group("batch", plan=plan(7, 1))
    same(remaining(seen, RULES), list(_rows(seen, range(8), [0, 2, 5, 8, 11, 14, 17])), "remaining", KEYS)


def test_what_does_not_move_has_no_way_to_make():
    seen = group("batch")
    seen.record["gram"][0, 0] = 0
    found = remaining(seen, RULES)
    assert found[(found["cell"] == 1) & (found["parameter"] == "gamma")]["remaining"].isna().all()
