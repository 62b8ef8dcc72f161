import math

import pytest

from normshift.measure.interventions import attribution, composition, examples
from normshift.observe.plan import Plan

from .compare import finite, same
from .made_up import FULL, POINTS, RULES, group
from .test_shifts import PAIRS

KINDS = pytest.mark.parametrize("kind", ["none", "batch", "layer"])
CAUSES = ("all", "below", "own", "rest")


@KINDS
def test_attribution_equals_a_plain_loop(kind):
    seen = group(kind)
    rows = []
    for cell, number in enumerate(seen.record["cell"]):
        for full, point in enumerate(FULL):
            for at, site in enumerate("uy"):
                for place, cause in enumerate(CAUSES):
                    mean, sd = finite(seen.record["attribution"][cell, full, 1, at, place])
                    row = {"cell": number, "step": POINTS[point], "layer": 2, "site": site, "cause": cause}
                    rows.append({**row, "mean_shift": mean, "sd_shift": sd})
    same(attribution(seen, RULES), rows, "attribution", ("cell", "step", "layer", "site", "cause"))


def _composed(seen, cell, full, lag):
    """From the held-out loss by the groups that moved, corners counted with the lowest group as the highest bit."""
    corners = finite(seen.record["composition"][cell, full, lag])
    loss = {
        frozenset(name for bit, name in ((4, "lower"), (2, "affine"), (1, "upper")) if corner & bit): corners[corner]
        for corner in range(8)
    }
    alone = {name: loss[frozenset({name})] - loss[frozenset()] for name in ("lower", "affine", "upper")}
    total = loss[frozenset({"lower", "affine", "upper"})] - loss[frozenset()]
    both = loss[frozenset({"lower", "upper"})] - loss[frozenset()]
    found = {**alone, "total": total, "interference": total - sum(alone.values())}
    found["lower_upper"] = both - alone["lower"] - alone["upper"]
    return found if "gamma" in seen.record else {**found, "affine": math.nan}


def _rows(seen, composed):
    for cell, number in enumerate(seen.record["cell"]):
        for full in composed:
            for lag, name in enumerate(("step", "ten", "epoch")):
                step = seen.points[seen.full[full]]
                yield {"cell": number, "step": step, "lag": name, **_composed(seen, cell, full, lag)}


@KINDS
def test_composition_equals_a_plain_loop(kind):
    seen = group(kind)
    same(composition(seen, RULES), list(_rows(seen, [1])), "composition", ("cell", "step", "lag"))


@pytest.mark.parametrize("full", [(0,), (0, 30)])
def test_the_second_full_point_is_taken_apart_and_the_first_if_there_is_no_other(full):
    plan = Plan(120, 40, tuple(POINTS), full)
    seen = group("batch", plan=plan)
    assert plan.composed == full[-1:]
    rows = list(_rows(seen, [len(full) - 1]))
    same(composition(seen, RULES), rows, "composition", ("cell", "step", "lag"))


@KINDS
def test_examples_equal_a_plain_loop(kind):
    seen = group(kind)
    pairs = {"step": [(point, point, 0) for point in FULL], **PAIRS}
    rows = []
    for cell, number in enumerate(seen.record["cell"]):
        for layer in range(2):
            for horizon, each in pairs.items():
                for earlier, later, where in each:
                    step, until = POINTS[earlier], POINTS[later] + (horizon == "step")
                    displacement, share = finite(seen.record["examples"][cell, later, where, layer])
                    row = {"cell": number, "step": step, "later": until, "horizon": horizon, "layer": layer + 1}
                    rows.append({**row, "displacement": displacement, "share": share})
    same(examples(seen, RULES), rows, "examples", ("cell", "step", "later", "horizon", "layer"))
