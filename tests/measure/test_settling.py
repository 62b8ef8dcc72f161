import math
from itertools import permutations

import numpy as np
import pytest

from normshift.measure.settling import settling
from normshift.observe.plan import plan

from .compare import finite, middle, same
from .made_up import RULES, STEPS, group, path

KEYS = ("cell", "layer", "parameter", "span")
BLOCKS = {"all": range(20), "half": range(10)}
LAST = {"all": STEPS, "half": STEPS / 2}


def _vector(gram, blocks):
    """S as printed, the mean over time from x_0 to x_T, and its sd over all orders of the increments."""
    inner = np.zeros((20, 20))
    inner[np.triu_indices(20)] = finite(gram)
    inner += np.triu(inner, 1).T
    count, squared = len(blocks), sum(inner[one, other] for one in blocks for other in blocks)
    share = [sum(inner[block, other] for other in blocks) / squared for block in blocks]
    way = [sum(share[:time]) for time in range(count + 1)]
    settled = sum((now + later) / 2 for now, later in zip(way, way[1:], strict=False)) / count
    # An increment counts for the share of the time that it has been made.
    weight = [(count - place - 0.5) / count for place in range(count)]
    same_twice = sum(one**2 for one in weight) / count
    two = sum(one * other for one, other in permutations(weight, 2)) / (count * (count - 1))
    second = same_twice * sum(one**2 for one in share) + two * sum(one * other for one, other in permutations(share, 2))
    return {"settling": settled, "null_sd": math.sqrt(max(second - 0.25, 0)) if second == second else math.nan}


def _unit(trajectory, band):
    """When a path comes to stay within the band, and when it has made most of its way, shares of its span."""
    if len(trajectory) < 2 or any(math.isnan(value) for value in trajectory):
        return math.nan, math.nan
    last, end = len(trajectory) - 1, trajectory[-1]
    outside = [time for time, value in enumerate(trajectory) if abs(value - end) > band]
    way = end - trajectory[0]
    made = (time for time, value in enumerate(trajectory) if (value - trajectory[0]) * np.sign(way) >= 0.9 * abs(way))
    return (max(outside) + 1 if outside else 0) / last, next(made) / last if way else math.nan


def _units(seen, cell, parameter, layer, last):
    if parameter == "weight" or "gamma" not in seen.record:
        return dict.fromkeys(("band_exit", "t_90", "fast"), math.nan)
    count = sum(step <= last for step in range(0, seen.steps, 5))
    each = []
    for unit in range(4):
        gamma = path(seen, "gamma", cell, layer, unit)[count - 1]
        each.append(_unit(path(seen, parameter, cell, layer, unit)[:count], RULES.noise * max(abs(gamma), 0.05)))
    exits, reached = zip(*each, strict=True)
    fast = [value <= RULES.fast for value in exits if value == value]
    return {
        "band_exit": middle(exits),
        "t_90": middle(reached),
        "fast": sum(fast) / len(fast) if fast else math.nan,
    }


def _rows(seen, blocks=BLOCKS, last=LAST):
    for cell, number in enumerate(seen.record["cell"]):
        for place, parameter in enumerate(("gamma", "beta", "weight")):
            for layer in range(2):
                for span in ("all", "half"):
                    row = {"cell": number, "layer": layer + 1, "parameter": parameter, "span": span}
                    vector = _vector(seen.record["gram"][cell, place, layer], blocks[span])
                    yield {**row, **vector, **_units(seen, cell, parameter, layer, last[span])}


@pytest.mark.parametrize("kind", ["none", "batch", "layer"])
def test_settling_equals_a_plain_loop(kind):
    seen = group(kind)
    if kind != "none":  # two units whose gamma ends near 0, and beta comes to stay
        seen.record["gamma"][..., 2:], seen.record["gamma_increments"][..., 2:] = 0.01, 0
        seen.record["beta_increments"][..., 2:] *= 0.02
    rows = list(_rows(seen))
    same(settling(seen, RULES), rows, "settling", KEYS, rtol=1e-5)
    assert any(row["fast"] > 0 for row in rows) == (kind != "none")


def test_a_run_of_fewer_updates_than_blocks_has_as_many_increments_as_updates():
    seen = group("batch", plan=plan(7, 1))
    blocks = {"all": [0, 2, 5, 8, 11, 14, 17], "half": [0, 2, 5, 8]}
    same(settling(seen, RULES), list(_rows(seen, blocks, {"all": 7, "half": 3.5})), "settling", KEYS)


def test_a_single_update_has_no_order():
    assert (
        settling(group("batch", plan=plan(1, 1)), RULES)[["settling", "null_sd", "band_exit", "t_90"]]
        .isna()
        .all(axis=None)
    )


def test_what_does_not_move_stays_at_once_and_has_no_way_to_make():
    seen = group("batch")
    seen.record["gram"][0, 0] = 0
    seen.record["gamma_increments"][0] = 0
    found = settling(seen, RULES)
    found = found[(found["cell"] == 1) & (found["parameter"] == "gamma")]
    assert found[["settling", "null_sd", "t_90"]].isna().all(axis=None)
    assert (found["band_exit"] == 0).all() and (found["fast"] == 1).all()


def test_what_diverges_in_the_second_half_has_a_first_half():
    seen = group("batch")
    for name in ("gamma_increments", "beta_increments"):
        seen.record[name][0, 15:] = np.nan
    found = settling(seen, RULES).query("cell == 1 and parameter != 'weight'").set_index("span")
    assert found.loc["all", "band_exit"].isna().all() and found.loc["half", "band_exit"].notna().all()


def test_at_y_the_band_is_as_wide_as_a_batch_mean_is_noisy():
    """The sd there is |gamma|: beta ten times as large with gamma ten times as large stays as early."""
    seen = group("batch")
    seen.record["gamma"][:], seen.record["gamma_increments"][:] = 0.5, 0
    seen.record["beta_increments"] *= np.float32(0.25)
    before = settling(seen, RULES)
    for name in ("gamma", "beta", "beta_increments"):
        seen.record[name] *= np.float32(10)
    after = settling(seen, RULES)
    assert before["band_exit"].equals(after["band_exit"])
    assert before["band_exit"].between(0, 1, inclusive="neither").any()
