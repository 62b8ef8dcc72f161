import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normshift.judge.matched_loss import common_levels, interpolated, paths, per_nat, segments, whole_path

LEVELS = [1.5, 1.0, 0.5, 0.2]


def naive(steps, losses, log_drifts, levels, fine=200_001):
    """Sum the drift over a fine time axis between the first times at which ln L, linear in t, meets the levels."""
    t = np.linspace(steps[0], steps[-1], fine)
    log_loss = np.interp(t, steps, np.log(np.minimum.accumulate(losses)))
    drift = np.exp(np.interp(t, steps, log_drifts))
    path = np.concatenate([[0], np.cumsum((drift[1:] + drift[:-1]) / 2 * np.diff(t))])
    met = [np.flatnonzero(log_loss <= np.log(level) + 1e-12) for level in levels]
    ends = [path[at[0]] if len(at) and at[0] > 0 else np.nan for at in met]
    return [(b - a) / (u - v) for a, b, u, v in zip(ends, ends[1:], levels, levels[1:], strict=False)]


def run(seed, points=16):
    random = np.random.default_rng(seed)
    steps = np.concatenate([[0], np.sort(random.choice(np.arange(1, 1000), points - 1, replace=False))])
    losses = 2.3 * np.exp(-steps / random.uniform(100, 600)) * np.exp(0.3 * random.standard_normal(points))
    losses[0] = 2.3
    return steps.astype(float), losses, np.log(0.01) + random.standard_normal(points)


@pytest.mark.parametrize("seed", range(12))
def test_drift_per_nat_equals_the_fine_sum(seed):
    found, expected = per_nat(*run(seed), LEVELS), naive(*run(seed), LEVELS)
    assert np.allclose(found, expected, rtol=2e-3, equal_nan=True)


def test_constant_drift_and_exponential_loss_have_a_closed_form():
    steps = np.array([0.0, 10, 100, 400, 1000])
    found = per_nat(steps, 2.3 * np.exp(-steps / 200), np.full(5, np.log(0.02)), [1.0, 0.5])
    assert found == pytest.approx(0.02 * 200 * np.log(2) / 0.5)


@given(st.integers(0, 30), st.floats(0.1, 10))
def test_drift_per_nat_is_proportional_to_the_drift(seed, factor):
    steps, losses, log_drifts = run(seed)
    scaled = per_nat(steps, losses, log_drifts + np.log(factor), LEVELS)
    assert np.allclose(scaled, factor * per_nat(steps, losses, log_drifts, LEVELS), equal_nan=True)


@given(st.integers(0, 30), st.floats(0.2, 5))
def test_a_slower_clock_at_the_same_drift_a_step_drifts_further_per_nat(seed, factor):
    steps, losses, log_drifts = run(seed)
    slower = per_nat(steps * factor, losses, log_drifts, LEVELS)
    assert np.allclose(slower, factor * per_nat(steps, losses, log_drifts, LEVELS), equal_nan=True)


@pytest.mark.parametrize("seed", range(6))
def test_the_whole_path_equals_the_fine_sum(seed):
    steps, losses, log_drifts = run(seed)
    fine = np.linspace(steps[0], steps[-1], 200_001)
    expected = np.trapezoid(np.exp(np.interp(fine, steps, log_drifts)), fine)
    found = whole_path(pd.DataFrame({"step": steps, "loss": losses, "log_drift": log_drifts}))
    assert found == pytest.approx(expected, rel=1e-4)


def test_one_point_is_no_path():
    assert np.isnan(whole_path(pd.DataFrame({"step": [0], "log_drift": [0.0]})))


def test_a_missing_drift_is_missing_in_the_whole_path():
    assert np.isnan(whole_path(pd.DataFrame({"step": [0, 1, 2], "log_drift": [0.0, np.nan, 0.0]})))


def test_levels_not_passed_are_missing():
    steps, losses = np.array([0.0, 10, 20]), np.array([1.2, 0.8, 0.3])
    found = per_nat(steps, losses, np.zeros(3), [1.5, 1.0, 0.5, 0.2])
    assert np.isnan(found).tolist() == [True, False, True]


def test_a_rise_of_the_loss_costs_time_but_gains_nothing():
    steps, drifts = np.array([0.0, 10, 20, 30]), np.zeros(4)
    assert per_nat(steps, np.array([2.0, 1.0, 1.7, 0.5]), drifts, [1.0, 0.5])[0] == pytest.approx(20 / 0.5)


def test_common_levels_are_those_every_run_passes():
    runs = [pd.DataFrame({"loss": losses}) for losses in ([2.3, 0.4], [2.3, 1.2, 0.15, 0.3], [1.4, 0.1])]
    assert common_levels(runs, [0.2, 1.5, 0.5, 1.0]) == [1.0, 0.5]
    assert common_levels([], [1.0, 0.5]) == []


def test_a_missing_drift_is_missing_in_its_segment_and_later_ones():
    cell = pd.DataFrame({"step": [0, 10, 20, 30], "loss": [2.0, 0.9, 0.4, 0.1], "log_drift": [0.0, 0.0, np.nan, 0.0]})
    assert np.isnan(segments(cell, [1.5, 1.0, 0.5, 0.2])).tolist() == [False, True, True]


def points(steps, seen, cell=0):
    losses = pd.DataFrame({"cell": cell, "norm": "batch", "lr": 0.1, "seed": cell, "step": steps, "loss": 1.0})
    sizes = [(step, layer, size) for step, layers in seen.items() for layer, size in enumerate(layers)]
    return losses, pd.DataFrame(sizes, columns=["step", "layer", "relative"]).assign(cell=cell)


def test_sizes_between_points_that_have_one_lie_on_a_line_of_their_log():
    losses, seen = points([0, 5, 10, 20, 40], {0: (1.0, 4.0), 20: (2.0, 2.0)})
    found = interpolated(losses, seen, "relative")["batch", 0.1, 0]
    first, last = np.log(1.0 * 4.0) / 2, np.log(2.0)
    expected = [first + (last - first) * step / 20 for step in (0, 5, 10, 20)]
    assert found["log_drift"].to_numpy() == pytest.approx([*expected, np.nan], nan_ok=True)
    assert found["step"].tolist() == [0, 5, 10, 20, 40]


def test_each_run_is_interpolated_on_its_own():
    pairs = [points([0, 10], {0: (1.0,), 10: (factor,)}, cell) for cell, factor in enumerate((2.0, 8.0))]
    losses, seen = (pd.concat(tables, ignore_index=True) for tables in zip(*pairs, strict=True))
    found = interpolated(losses, seen, "relative")
    assert [found["batch", 0.1, cell]["log_drift"].iloc[-1] for cell in (0, 1)] == pytest.approx(np.log([2, 8]))


def test_a_size_missing_in_a_layer_is_missing_beside_it():
    losses, seen = points([0, 5, 10, 15, 20], {0: (1.0, 1.0), 10: (1.0, np.nan), 20: (1.0, 1.0)})
    found = interpolated(losses, seen, "relative")["batch", 0.1, 0]["log_drift"]
    assert np.isnan(found).tolist() == [False, True, True, True, False]


def test_sizes_that_every_point_has_are_those_of_paths():
    steps = [0, 5, 10]
    losses, seen = points(steps, {step: (1.0 + step, 2.0) for step in steps})
    one = paths(losses, seen.rename(columns={"relative": "mean_shift"}))["batch", 0.1, 0]
    other = interpolated(losses, seen, "relative")["batch", 0.1, 0]
    assert other["log_drift"].to_numpy() == pytest.approx(one["log_drift"].to_numpy())


def test_a_run_without_any_size_is_missing():
    losses, seen = points([0, 5], {})
    assert interpolated(losses, seen, "relative")["batch", 0.1, 0]["log_drift"].isna().all()
