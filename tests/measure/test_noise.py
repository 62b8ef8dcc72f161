import math

import numpy as np
import pytest

from normshift.measure.noise import noise
from normshift.metrics import horizon

from .compare import finite, same
from .made_up import EPOCH, FULL, POINTS, RULES, group

FOLLOWERS = {0: (3, 6), 2: (4, None), 5: (6, 8)}  # positions of the points at ten updates and at an epoch


def _rows(seen, kind):
    for cell, number in enumerate(seen.record["cell"]):
        shift = finite(seen.record["shift"][cell])
        for full, point in enumerate(FULL):
            for layer in range(2):
                for place, site in enumerate("uxya"):
                    if site == "x" and kind == "none":
                        continue
                    spread = finite(seen.record["noise"][cell, full, layer, place])
                    drift = [shift[point, 0, layer, place, 0]]
                    for later in FOLLOWERS[point]:
                        drift.append(math.nan if later is None else shift[later, 1, layer, place, 0])
                    until, censored = _horizon(drift)
                    known = spread[0] if spread[0] > 1e-4 else math.nan
                    yield {
                        "cell": number,
                        "step": POINTS[point],
                        "layer": layer + 1,
                        "site": site,
                        "mean_noise": spread[0],
                        "sd_noise": spread[1],
                        "mean_noise_raw": spread[2],
                        "ratio_step": drift[0] / known,
                        "ratio_ten": drift[1] / known,
                        "ratio_epoch": drift[2] / known,
                        "horizon": until,
                        "censored": censored,
                    }


def _horizon(drift):
    found, censored = horizon(np.array(drift), (1, 10, EPOCH), RULES.noise)
    return float(found), bool(censored)


@pytest.mark.parametrize("kind", ["none", "batch", "layer"])
def test_noise_equals_a_plain_loop(kind):
    seen = group(kind)
    rows = list(_rows(seen, kind))
    same(noise(seen, RULES), rows, "noise", ("cell", "step", "layer", "site"))
    assert any(row["censored"] for row in rows)


def test_the_ratio_is_missing_where_the_normaliser_sets_the_mean():
    table = noise(group("batch"), RULES)
    at_y = table[table["site"] == "y"]
    assert at_y["ratio_step"].isna().all()
    assert at_y["mean_noise"].notna().any() and at_y["horizon"].notna().any()


def test_an_epoch_shorter_than_ten_updates_comes_first():
    seen = group("batch")
    seen.record["epoch"] = np.array(6, np.int32)
    seen.record["full"] = np.array([0], np.int32)
    seen.record["noise"] = seen.record["noise"][:, :1]
    seen.record["shift"][:, 0, 0], seen.record["shift"][:, 2, 1], seen.record["shift"][:, 3, 1] = 0.1, 0.7, 0.9
    assert noise(seen, RULES)["horizon"].iloc[0] == pytest.approx(math.exp(math.log(6) * 0.5 / 0.6))
