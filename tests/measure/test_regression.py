import numpy as np
import pytest

from normshift.measure.regression import regression

from .compare import finite, same
from .made_up import RULES, group


def test_the_table_equals_a_plain_loop():
    seen = group("batch")
    rows = []
    for number, (excess, distorted) in zip(seen.record["cell"], seen.record["regression"], strict=True):
        rows.append({"cell": number, "excess": finite(excess), "distorted": finite(distorted)})
    assert len(rows) == 5 and np.isnan(rows[1]["excess"])  # it diverged
    same(regression(seen, RULES), rows, "regression", ("cell",))


@pytest.mark.parametrize("kind", ["none", "layer"])
def test_a_network_without_a_known_optimum_has_no_row(kind):
    seen = group(kind)
    assert "regression" not in seen.record
    assert regression(seen, RULES).empty
