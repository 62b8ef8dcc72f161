import pytest

from normshift.measure.detail import curvature, injected

from .compare import finite, same
from .made_up import FULL, POINTS, RULES, group

KINDS = pytest.mark.parametrize("kind", ["none", "batch", "layer"])


def _full(seen, name):
    """Each cell's number, each full point's step, and what an array holds there; nothing where it is not kept."""
    for cell, number in enumerate(seen.record["cell"]):
        for full, point in enumerate(FULL):
            if name in seen.record:
                yield {"cell": number, "step": POINTS[point]}, finite(seen.record[name][cell, full])


@KINDS
@pytest.mark.parametrize("detail", [False, True])
def test_curvature_equals_a_plain_loop(kind, detail):
    seen = group(kind, detail=detail)
    rows = []
    for (row, largest), (_, along), (_, rate) in zip(
        *(_full(seen, name) for name in ("sharpness", "batch_sharpness", "rate")), strict=False
    ):
        edges = {"edge": largest / (2 / rate), "batch_edge": along / (2 / rate)}
        rows.append({**row, "sharpness": largest, "batch_sharpness": along, **edges})
    assert bool(rows) == detail
    same(curvature(seen, RULES), rows, "curvature", ("cell", "step"))


@KINDS
@pytest.mark.parametrize("detail", [False, True])
def test_injected_noise_equals_a_plain_loop(kind, detail):
    seen = group(kind, detail=detail)
    rows = []
    for row, noise in _full(seen, "example_noise"):
        rows += [{**row, "layer": layer + 1, "example_noise": noise[layer]} for layer in range(2)]
    assert bool(rows) == detail
    same(injected(seen, RULES), rows, "injected", ("cell", "step", "layer"))
