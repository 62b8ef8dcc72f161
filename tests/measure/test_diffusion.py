import dataclasses
import math
import statistics

import numpy as np
import pytest

from normshift.measure.diffusion import diffusion
from normshift.observe.plan import Plan

from .compare import finite, middle, same
from .made_up import PLAN, RULES, group, path

KEYS = ("cell", "layer", "parameter", "coordinates")
LONG = dataclasses.replace(PLAN, steps=400)
LATE = slice(64, 80)  # points of the trajectory from step 320 on
LAGS = (1, 2, 3, 4)


def _exponent(paths):
    """Slope of log mean squared displacement on log lag; drift subtracted, which a bridge's 1 - k/N makes up for."""
    if np.isnan(paths).any():
        return math.nan
    logs = []
    for lag in LAGS:
        apart, times = [], len(paths[0])
        for one in paths:
            drift = (one[-1] - one[0]) / (times - 1)
            apart += [(one[time + lag] - one[time] - lag * drift) ** 2 for time in range(times - lag)]
        logs.append(math.log(statistics.fmean(apart) / (1 - lag / (times - 1))))
    return np.polyfit(np.log(LAGS), logs, 1)[0]


def _ratio(one):
    steps = np.diff(one)
    return math.nan if np.isnan(one).any() else abs(statistics.fmean(steps)) / statistics.stdev(steps)


def _paths(seen, cell, parameter, layer, coordinates):
    paths = [path(seen, parameter, cell, layer, unit)[LATE] for unit in range(4)]
    if coordinates == "raw":
        return paths
    free = seen.cells["activation"].iloc[cell] == "relu" and layer == 0 and "identity" in seen.record
    return [one / finite(seen.record["affine_norm"][cell, LATE, layer]) if free else one * math.nan for one in paths]


def _rows(seen):
    for cell, number in enumerate(seen.record["cell"]):
        order, regime = (seen.cells[name].iloc[cell] for name in ("order", "regime"))
        for parameter in ("gamma", "beta"):
            for layer in range(2):
                for coordinates in ("raw", "gauge"):
                    paths = _paths(seen, cell, parameter, layer, coordinates)
                    yield {
                        "cell": number,
                        "layer": layer + 1,
                        "parameter": parameter,
                        "coordinates": coordinates,
                        "exponent": _exponent(paths) if (order, regime) == ("iid", "fresh") else math.nan,
                        "signal_to_noise": middle([_ratio(one) for one in paths]),
                    }


def _fresh(kind: str, plan: Plan = LONG):
    """A group whose last two cells draw at random, one from clean data, one, with ReLU, from fresh ones."""
    seen = group(kind, plan=plan)
    return dataclasses.replace(seen, cells=seen.cells.assign(regime=[*["fresh"] * 3, "clean", "fresh"]))


@pytest.mark.parametrize("kind", ["batch", "layer"])
def test_diffusion_equals_a_plain_loop(kind):
    seen = _fresh(kind)
    rows = list(_rows(seen))
    same(diffusion(seen, RULES), rows, "diffusion", KEYS)
    known = {row["coordinates"] for row in rows if not math.isnan(row["exponent"])}
    assert known == ({"raw", "gauge"} if kind == "batch" else {"raw"})


def test_arms_without_gamma_and_beta_have_no_rows():
    same(diffusion(_fresh("none"), RULES), [], "diffusion", KEYS)


def test_without_identity_a_the_norm_is_no_gauge():
    seen = _fresh("batch")
    del seen.record["identity"]  # noise is put on y
    same(diffusion(seen, RULES), list(_rows(seen)), "diffusion", KEYS)


def test_a_late_window_of_few_points_has_no_exponent_and_one_of_two_no_ratio():
    assert diffusion(_fresh("batch", PLAN), RULES)["exponent"].isna().all()
    short = diffusion(_fresh("batch", dataclasses.replace(PLAN, steps=60)), RULES)
    assert short[["exponent"]].isna().all(axis=None)
    assert diffusion(_fresh("batch", Plan(5, 1, (0, 4), (0,))), RULES)["signal_to_noise"].isna().all()


def test_what_stands_still_neither_wanders_nor_has_a_direction():
    seen = _fresh("batch")
    seen.record["gamma_increments"][:] = 0
    found = diffusion(seen, RULES).query("parameter == 'gamma' and coordinates == 'raw'")
    assert found[["exponent", "signal_to_noise"]].isna().all(axis=None)
