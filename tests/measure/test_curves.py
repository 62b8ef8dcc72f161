"""Tables bands and trajectories, of the cells whose curves are shown."""

import numpy as np
import pytest

from normshift.measure.bands import bands
from normshift.measure.group import described
from normshift.measure.sites import BEFORE, sketches
from normshift.measure.trajectories import trajectories
from normshift.records import LEVELS

from .compare import same
from .made_up import POINTS, RULES, STEPS, cells, group, path, study

KEYS = ("cell", "step", "layer", "unit")
KINDS = pytest.mark.parametrize("kind", ["none", "batch", "layer"])


@KINDS
def test_bands_equal_a_plain_loop(kind):
    seen = group(kind)
    sampled = sketches(seen, BEFORE)  # compared with a loop in test_shifts
    rows = []
    for cell in (0, 1):
        for point, step in enumerate(POINTS):
            for layer in range(2):
                for unit in range(4):
                    for site in "uya":
                        q15, q50, q85 = np.interp([0.15, 0.5, 0.85], LEVELS, sampled[site][cell, point, layer, unit])
                        row = {"cell": seen.record["cell"][cell], "step": step, "layer": layer + 1, "site": site}
                        row["unit"] = seen.record["kept"][layer, unit]
                        rows.append({**row, "q15": q15, "q50": q50, "q85": q85})
    same(bands(seen, RULES), rows, "bands", (*KEYS, "site"))


@KINDS
def test_trajectories_equal_a_plain_loop(kind):
    seen = group(kind)
    rows = []
    for cell in (0, 1) if kind != "none" else ():
        for step in range(0, STEPS, 5):
            for layer in range(2):
                for unit in range(4):
                    row = {"cell": seen.record["cell"][cell], "step": step, "layer": layer + 1}
                    row["unit"] = seen.record["kept"][layer, unit]
                    for name in ("gamma", "beta"):
                        row[name] = path(seen, name, cell, layer, unit)[step // 5]
                    rows.append(row)
    same(trajectories(seen, RULES), rows, "trajectories", KEYS)


def test_only_judged_cells_of_the_smallest_judged_seed_are_shown():
    table = cells({"batch": [0, 1, 2, 3, 4]})
    assert described(table, study())["shown"].tolist() == [True, True, False, False, False]
    table["seed"] = 7  # even if a tuning cell, number 3, has the same
    assert described(table, study())["shown"].tolist() == [True, True, True, False, True]
