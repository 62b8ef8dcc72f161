import math

import numpy as np
import pytest

from normshift.measure.areas import LEAST, areas, mean_log
from normshift.tables import SINCE

from .compare import finite, same
from .made_up import RULES, STEPS, group

KEYS = ("cell", "span", "since")


def _rows(seen):
    for place, cell in enumerate(seen.cells.itertuples()):
        loss, ended = finite(seen.record["training_loss"][place]), int(seen.record["diverged_step"][place])
        for span, steps in (("all", STEPS), ("half", STEPS // 2)):
            for since in SINCE:
                logs = [math.log(max(loss[step], LEAST)) for step in range(steps) if step >= since * STEPS]
                diverged = 0 <= ended < steps
                yield {
                    "cell": cell.cell,
                    "span": span,
                    "since": since,
                    "log_loss": math.nan if diverged else sum(logs) / len(logs),
                }


@pytest.mark.parametrize("kind", ["none", "batch", "layer"])
def test_areas_equal_a_plain_loop(kind):
    seen = group(kind)
    rows = list(_rows(seen))
    same(areas(seen, RULES), rows, "areas", KEYS)
    assert any(math.isnan(row["log_loss"]) for row in rows)


def test_a_run_that_diverges_after_the_half_has_an_area_up_to_it():
    seen = group("batch")
    seen.record["training_loss"][0, STEPS - 10 :], seen.record["diverged_step"][0] = np.nan, STEPS - 11
    found = areas(seen, RULES)
    found = found[found["cell"] == seen.numbers[0]].set_index(["span", "since"])["log_loss"]
    assert found["half"].notna().all() and found["all"].isna().all()


def test_a_run_whose_last_update_diverges_has_no_area():
    seen = group("batch")
    seen.record["diverged_step"][0] = STEPS - 1
    found = areas(seen, RULES)
    assert found[(found["cell"] == seen.numbers[0]) & (found["span"] == "all")]["log_loss"].isna().all()


def test_a_loss_of_zero_has_the_least_logarithm_that_single_precision_tells():
    assert mean_log(np.array([[0.0, LEAST / 2, LEAST]]), [0.0]) == pytest.approx(np.log(LEAST))


def test_nothing_is_left_after_the_end():
    assert np.isnan(mean_log(np.ones((2, 3)), [3.0])).all()


def test_a_first_step_does_not_depend_on_rounding():
    first = 0.3 * 10 * 1.0000000000000002  # a hair above 3
    assert mean_log(np.arange(1.0, 11.0)[None], [first])[0, 0] == pytest.approx(np.log(np.arange(4.0, 11.0)).mean())
