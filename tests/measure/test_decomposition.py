import math

import numpy as np

from normshift.measure.decomposition import decomposition

from .compare import finite, middle, same
from .made_up import POINTS, RULES, group


def _unit(corner, statistic):
    """Change, sampling and drift of one unit: corner[state, batch, moment]."""
    sigma = math.sqrt(sum(corner[state, batch, 1] ** 2 for state in (0, 1) for batch in (0, 1)) / 4) or math.nan
    s = {(state, batch): corner[state, batch, statistic] / sigma for state in (0, 1) for batch in (0, 1)}
    sampling = ((s[0, 1] - s[0, 0]) + (s[1, 1] - s[1, 0])) / 2
    drift = ((s[1, 0] - s[0, 0]) + (s[1, 1] - s[0, 1])) / 2
    return abs(s[1, 1] - s[0, 0]), abs(sampling), abs(drift)


def test_decomposition_equals_a_plain_loop():
    seen = group("none")
    rows = []
    for cell, number in enumerate(seen.record["cell"]):
        for point, step in enumerate(POINTS):
            for layer in range(2):
                for place, statistic in enumerate(("mean", "sd")):
                    corners = finite(seen.record["corners"][cell, point, :, :, layer])
                    units = [_unit(corners[:, :, unit], place) for unit in range(4)]
                    change, sampling, drift = (middle(values) for values in zip(*units, strict=True))
                    row = {"cell": number, "step": step, "layer": layer + 1, "statistic": statistic}
                    rows.append({**row, "change": change, "sampling": sampling, "drift": drift})
    found = decomposition(seen, RULES)
    same(
        found.drop(columns="residual").assign(residual=0.0),
        [{**row, "residual": 0.0} for row in rows],
        "decomposition",
        ("cell", "step", "layer", "statistic"),
    )
    assert found["residual"].max() < 1e-12
    assert found["residual"].isna().equals(found["change"].isna())


def test_a_constant_unit_is_left_out():
    seen = group("batch")
    seen.record["corners"][0, 3, :, :, 0, 1, 1] = 0
    found = decomposition(seen, RULES)
    assert np.isfinite(found.loc[(found["cell"] == 1) & (found["step"] == POINTS[3]), "change"]).all()
