import math

import numpy as np
import pytest

from normshift.measure.identities import identities

from .compare import finite, same
from .made_up import FULL, POINTS, RULES, group

KEYS = ("cell", "step", "layer", "mode")


def _row(cell, step, layer, mode, residual, gap):
    names = ("mean_residual", "sd_residual", "tid_mean", "tid_sd")
    row = {"cell": cell, "step": step, "layer": layer + 1, "mode": mode}
    return {**row, **dict(zip(names, [*residual, *gap], strict=True))}


def test_identities_equal_a_plain_loop():
    seen = group("batch")
    rows = []
    for cell, number in enumerate(seen.record["cell"]):
        for layer in range(2):
            for point, step in enumerate(POINTS):
                residual = finite(seen.record["identity"][cell, point, layer])
                gap = [math.nan if math.isnan(value) else 0.0 for value in residual]
                rows.append(_row(number, step, layer, "batch", residual, gap))
            for full, point in enumerate(FULL):
                for place, mode in enumerate(("ema", "population")):
                    both = (finite(seen.record[name][cell, full, place, layer]) for name in ("mode_identity", "tid"))
                    rows.append(_row(number, POINTS[point], layer, mode, *both))
    same(identities(seen, RULES), rows, "identities", KEYS)
    assert np.isnan([row["tid_mean"] for row in rows]).any()


@pytest.mark.parametrize("kind", ["none", "layer"])
def test_arms_without_batch_norm_have_no_rows(kind):
    same(identities(group(kind), RULES), [], "identities", KEYS)
