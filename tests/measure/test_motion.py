import dataclasses
import math

import numpy as np
import pytest

from normshift.measure.motion import motion
from normshift.measure.windows import window_mean, windows

from .compare import finite, middle, same
from .made_up import POINTS, RULES, STEPS, group, path

KEYS = ("cell", "layer", "parameter", "span", "window")
BLOCKS = {
    "all": {"early": range(2), "late": range(16, 20), "all": range(20)},
    "half": {"early": range(1), "late": range(8, 10), "all": range(10)},
}
TIMES = {
    "all": {"early": (0, 12), "late": (96, 120), "all": (0, 120)},
    "half": {"early": (0, 6), "late": (48, 60), "all": (0, 60)},
}


def _fluctuation(seen, cell, parameter, layer, window):
    """Of a window (first step, one past the last)."""
    if f"{parameter}_increments" not in seen.record:
        return math.nan
    each = []
    for unit in range(4):
        whole = path(seen, parameter, cell, layer, unit)
        times = [step for step in range(0, STEPS, 5) if window[0] <= step < window[1]]
        values = np.array([whole[step // 5] for step in times])
        if np.isnan(values).any() or len(values) < 3:
            each.append(math.nan)
        else:
            each.append(np.std(values - np.polyval(np.polyfit(times, values, 1), times)))
    return middle(each)


def _norm(seen, cell, parameter, layer, window):
    name, times = ("weight_norm", POINTS) if parameter == "weight" else ("affine_norm", range(0, STEPS, 5))
    if name not in seen.record:
        return math.nan
    low, high = window
    inside = [place for place, step in enumerate(times) if low <= step < high]
    return sum(finite(seen.record[name][cell, inside, layer])) / len(inside) if inside else math.nan


def _rows(seen):
    for cell, number in enumerate(seen.record["cell"]):
        for place, parameter in enumerate(("gamma", "beta", "weight")):
            for layer in range(2):
                for span, window, blocks in ((s, w, b) for s in BLOCKS for w, b in BLOCKS[s].items()):
                    times = TIMES[span][window]
                    gram = np.zeros((20, 20))
                    gram[np.triu_indices(20)] = finite(seen.record["gram"][cell, place, layer])
                    gram += np.triu(gram, 1).T
                    each = {
                        name: [finite(seen.record[name][cell, block, place, layer]) for block in blocks]
                        for name in ("step_abs", "step_norm", "sign_changes")
                    }
                    compared = [5 if block == 0 else 6 for block in blocks]
                    turned = sum(share * count for share, count in zip(each["sign_changes"], compared, strict=True))
                    path, net = (
                        sum(each["step_norm"]),
                        math.sqrt(sum(gram[row, column] for row in blocks for column in blocks)),
                    )
                    yield {
                        "cell": number,
                        "tortuosity": path / net if net else math.nan,
                        "relative_step": path / (6 * len(blocks)) / _norm(seen, cell, parameter, layer, times),
                        "span": span,
                        "layer": layer + 1,
                        "parameter": parameter,
                        "window": window,
                        "mean_step": sum(each["step_abs"]) / len(blocks),
                        "path": path,
                        "walk": math.sqrt(sum(length**2 / 6 for length in each["step_norm"])),
                        "net": net,
                        "sign_changes": turned / sum(compared),
                        "fluctuation": _fluctuation(seen, cell, parameter, layer, times),
                    }


@pytest.mark.parametrize("kind", ["none", "batch", "layer"])
def test_motion_equals_a_plain_loop(kind):
    seen = group(kind)
    same(motion(seen, RULES), list(_rows(seen)), "motion", KEYS)


def test_blocks_of_a_run_that_twenty_does_not_divide_weigh_as_their_updates():
    seen = group("batch")
    seen.record["training_loss"] = seen.record["training_loss"][:, :30]  # ten blocks of one update, ten of two
    for name in ("gamma_increments", "beta_increments", "affine_norm"):
        seen.record[name] = seen.record[name][:, :6]
    steps = np.arange(30) * 20 // 30
    updates = [sum(steps == block) for block in range(20)]
    assert set(updates) == {1, 2}
    expected = np.average(seen.record["step_abs"][0, :, 0, 0], weights=updates)
    found = motion(seen, RULES)
    found = found[found["span"] == "all"]
    row = found[found["window"] == "all"].iloc[0]
    assert row["mean_step"] == pytest.approx(expected)
    lengths = np.repeat(seen.record["step_norm"][0, :, 0, 0] / np.array(updates), updates)  # of each step
    assert row["walk"] == pytest.approx(math.sqrt((lengths**2).sum()))


def test_windows_are_the_first_tenth_and_the_last_fifth():
    found = windows(np.arange(1000), 1000, RULES)
    assert {name: int(inside.sum()) for name, inside in found.items()} == {"early": 100, "late": 200, "all": 1000}
    assert found["early"][:100].all() and found["late"][800:].all()


def test_windows_do_not_depend_on_rounding():
    assert 0.55 * 100 > 55 and (1 - 0.45) * 100 > 55
    found = windows(np.arange(100), 100, dataclasses.replace(RULES, early=0.55, late=0.45))
    assert found["early"].sum() == 55
    assert found["late"].sum() == 45


def test_an_empty_window_has_no_mean():
    assert np.isnan(window_mean(np.ones((2, 3)), np.zeros(3, dtype=bool))).all()
