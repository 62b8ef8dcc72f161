import math

import numpy as np
import pytest

from normshift.measure.updates import updates

from .compare import finite, same
from .made_up import FULL, POINTS, RULES, group

KEYS = ("cell", "step", "parameter", "layer")


def _largest(before, after, gradient, rate):
    each = [abs(y - (x - rate * g)) / max(1.0, abs(x), abs(y)) for x, y, g in zip(before, after, gradient, strict=True)]
    numbers = [value for value in each if value == value]
    return max(numbers) if numbers else math.nan


def _rows(seen):
    for cell, number in enumerate(seen.record["cell"]):
        for full, point in enumerate(FULL):
            for parameter in ("gamma", "beta"):
                for layer in range(2):
                    states = finite(seen.record[parameter][cell, point, :, layer])
                    gradient = finite(seen.record[f"{parameter}_gradient"][cell, point, layer])
                    found = _largest(*states, gradient, finite(seen.record["rate"][cell, full]))
                    keys = {"cell": number, "step": POINTS[point], "parameter": parameter, "layer": layer + 1}
                    yield {**keys, "residual": found}


@pytest.mark.parametrize("kind", ["batch", "layer"])
def test_updates_equal_a_plain_loop(kind):
    seen = group(kind)
    same(updates(seen, RULES), list(_rows(seen)), "updates", KEYS)


def test_gradient_descent_leaves_no_residual():
    seen = group("batch")
    for name in ("gamma", "beta"):
        states, slope = seen.record[name], seen.record[f"{name}_gradient"]
        states[:, FULL, 1] = states[:, FULL, 0] - seen.record["rate"][:, :, None, None] * slope[:, FULL]
    assert np.nanmax(updates(seen, RULES)["residual"]) < 1e-6


def test_arms_without_gamma_and_beta_have_no_rows():
    same(updates(group("none"), RULES), [], "updates", KEYS)
