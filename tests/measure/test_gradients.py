import math

import numpy as np
import pytest

from normshift.measure.gradients import effective_rates, gradient_noise, gradients, landscape, variation

from .compare import finite, same
from .made_up import FULL, POINTS, RULES, group

KINDS = pytest.mark.parametrize("kind", ["none", "batch", "layer"])
LENGTHS = (1 / 32, 1 / 8, 1 / 2, 1, 2, 4)
PARAMETERS = ("gamma", "beta", "weight")


def _over(one, other):
    return one / other if other > 0 else math.nan


def _cells(seen):
    """Each cell's place and number, and each full point's place and step."""
    for cell, number in enumerate(seen.record["cell"]):
        for full, point in enumerate(FULL):
            yield cell, full, {"cell": number, "step": POINTS[point]}


@KINDS
def test_gradients_equal_a_plain_loop(kind):
    seen = group(kind)
    seen.record["gradient_shift"][0, 0, :, 1, 0] = 0  # no gradient
    seen.record["gradient_shift"][2, 1, :, 1, 4] = 0  # nothing before the layer moved
    seen.record["gradient_shift"][3, 1, :, 1, 3] *= -1
    rows = []
    for cell, full, row in _cells(seen):
        for place, reading in enumerate(("without", "with")):
            sizes = finite(seen.record["gradient_shift"][cell, full, place, 1])
            before, after, apart, inner, step, norm = sizes
            rows.append(
                {
                    **row,
                    "layer": 2,
                    "reading": reading,
                    "l2": apart,
                    "relative": _over(apart, before),
                    "cosine": max(-1, min(1, cosine)) if (cosine := _over(inner, before * after)) == cosine else cosine,
                    "per_displacement": _over(_over(apart, before), _over(step, norm)),
                }
            )
    same(gradients(seen, RULES), rows, "gradients", ("cell", "step", "layer", "reading"))


def _smooth(seen, cell, full):
    """|change of the gradient| / (alpha |g|) by length."""
    rate, norm = (finite(seen.record[name][cell, full]) for name in ("rate", "gradient_norm"))
    change = finite(seen.record["landscape"][cell, full, :, 1])
    return [_over(change[place], length * rate * norm) for place, length in enumerate(LENGTHS)]


def _with_faults(kind):
    seen = group(kind)
    seen.record["gradient_norm"][0, 0] = 0
    seen.record["rate"][2, 1] = 0
    seen.record["landscape"][3, 1, 5, 0] = np.inf  # the loss overflows
    return seen


@KINDS
def test_landscape_equals_a_plain_loop(kind):
    seen = _with_faults(kind)
    rows = []
    for cell, full, row in _cells(seen):
        for place, length in enumerate(LENGTHS):
            loss, change = finite(seen.record["landscape"][cell, full, place])
            smooth = _smooth(seen, cell, full)[place]
            rows.append({**row, "length": length, "loss": loss, "gradient_change": change, "smoothness": smooth})
    same(landscape(seen, RULES), rows, "landscape", ("cell", "step", "length"))


def _range(values):
    return math.nan if any(map(math.isnan, values)) else max(values) - min(values)


@KINDS
def test_variation_equals_a_plain_loop(kind):
    seen = _with_faults(kind)
    rows = []
    for cell, full, row in _cells(seen):
        losses, changes = finite(seen.record["landscape"][cell, full, 2:]).T.tolist()
        smooth = _smooth(seen, cell, full)[2:]
        rows.append(
            {
                **row,
                "gradient_norm": seen.record["gradient_norm"][cell, full],
                "loss_variation": _range(losses),
                "predictiveness": _range(changes),
                "smoothness": math.nan if any(map(math.isnan, smooth)) else max(smooth),
                "shortest": _over(2, finite(seen.record["rate"][cell, full])),
            }
        )
    same(variation(seen, RULES), rows, "variation", ("cell", "step"))
    assert np.isnan([row["smoothness"] for row in rows]).any() and not np.isnan(rows[0]["loss_variation"])


@KINDS
def test_effective_rates_equal_a_plain_loop(kind):
    seen = group(kind)
    seen.record["weight_norm"][0, 0, 0] = 0
    rows = []
    for cell, full, row in _cells(seen):
        for layer in range(2):
            norm = float(seen.record["weight_norm"][cell, FULL[full], layer])
            rate = _over(finite(seen.record["rate"][cell, full]), norm**2) if kind == "batch" else math.nan
            rows.append({**row, "layer": layer + 1, "weight_norm": norm, "effective_rate": rate})
    same(effective_rates(seen, RULES), rows, "effective_rates", ("cell", "step", "layer"))


@KINDS
@pytest.mark.parametrize("detail", [False, True])
def test_gradient_noise_equals_a_plain_loop(kind, detail):
    seen = group(kind, detail=detail)
    if detail and kind == "none":
        seen.record["gradient_noise"][:, :, :2] = np.nan
    rows = []
    for cell, full, row in _cells(seen) if detail else ():
        for place, parameter in enumerate(PARAMETERS):
            for layer in range(2):
                signal, noise = finite(seen.record["gradient_noise"][cell, full, place, layer])
                own = {"layer": layer + 1, "parameter": parameter}
                rows.append({**row, **own, "signal": math.sqrt(signal), "noise": math.sqrt(noise)})
    same(gradient_noise(seen, RULES), rows, "gradient_noise", ("cell", "step", "layer", "parameter"))
