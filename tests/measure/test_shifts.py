import math

import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from normshift.measure.shifts import shifts
from normshift.metrics import mean_shift, sd_shift
from normshift.metrics.sketch import SMALL_GAMMA, activated, normalised, scaled

from .compare import finite, middle, same
from .made_up import EPOCH, EPS, FULL, POINTS, RULES, group

KEYS = ("cell", "step", "later", "horizon", "layer", "site", "probe")
PAIRS = {  # positions of the earlier and later point, and where `shift` holds their moments
    "ten": [(0, 3, 1), (2, 4, 1), (5, 6, 1)],
    "epoch": [(0, 6, 1), (5, 8, 1)],
    "start": [(0, place, 2) for place in range(1, len(POINTS))],
}
G = {
    "relu": lambda y: max(y, 0.0),
    "tanh": math.tanh,
    "sigmoid": lambda y: 1 / (1 + math.exp(-y)),
    "identity": lambda y: y,
}


class Unit:
    """One kept unit of one cell of a layer: its samples at every site, worked out value by value."""

    def __init__(self, seen, kind, cell, layer, unit):
        self.kind, self.activation = kind, seen.cells["activation"].iloc[cell]
        self.record = {
            name: finite(array[cell][..., layer, unit, :] if name in WITH_TAIL else array[cell][..., layer, unit])
            for name, array in seen.record.items()
            if name in (*WITH_TAIL, "gamma", "beta")
        }

    def sample(self, site, point, after):
        suffix, at = ("_after", list(FULL).index(point)) if after else ("", point)
        mean, sd = self.record["moments"][point, int(after)]
        u = self.record[f"quantiles{suffix}"][at]
        u = mean + (u - u.mean()) * (sd / u.std() if np.ptp(u) else 0.0)
        if self.kind == "none":
            x, y = None, u
        elif self.kind == "layer":
            x, y = np.full(15, np.nan), self.record[f"y_quantiles{suffix}"][at]
        else:
            x = [(value - mean) / math.sqrt(sd**2 + EPS) for value in u]
            gamma, beta = (self.record[name][point, int(after)] for name in ("gamma", "beta"))
            y = sorted(gamma * value + beta for value in x)
        return np.array({"u": u, "x": x, "y": y, "a": [G[self.activation](value) for value in y]}[site])

    def least(self, site, point):
        return 0.05 if site in "ya" and "gamma" in self.record and abs(self.record["gamma"][point, 0]) < 0.05 else 0.0


WITH_TAIL = ("quantiles", "quantiles_after", "y_quantiles", "y_quantiles_after", "moments")


def _apart(before, after, least):
    """W1, W2, raw W2 and the shares of identity B as printed."""
    if np.isnan(before).any() or np.isnan(after).any():
        return [math.nan] * 6
    sigma = max(math.sqrt((before.var() + after.var()) / 2), least) if np.ptp(before) + np.ptp(after) else least
    scale = sigma or math.nan
    squared = np.mean((before - after) ** 2)
    location, width = (before.mean() - after.mean()) ** 2, (before.std() - after.std()) ** 2
    parts = [location, width, max(squared - location - width, 0)]
    of = [part / squared if squared else math.nan for part in parts]
    return [wasserstein_distance(before, after) / scale, math.sqrt(squared) / scale, math.sqrt(squared), *of]


def _mean(values):
    numbers = [value for value in values if not math.isnan(value)]
    return sum(numbers) / len(numbers) if numbers else math.nan


def _layer(units, site, earlier, later, after, floor):
    each = [
        _apart(unit.sample(site, earlier, False), unit.sample(site, later, after), unit.least(site, floor))
        for unit in units
    ]
    columns = list(zip(*each, strict=True))
    names = ("w1", "w2", "w2_raw", "location", "scale", "shape")
    return {name: (middle if place < 3 else _mean)(columns[place]) for place, name in enumerate(names)}


def _rows(seen, kind):
    nothing = dict.fromkeys(("w1", "w2", "w2_raw", "location", "scale", "shape"), math.nan)
    for cell, number in enumerate(seen.record["cell"]):
        for layer in range(2):
            units = [Unit(seen, kind, cell, layer, unit) for unit in range(4)]
            for place, site in enumerate("uxya"):
                if site == "x" and kind == "none":
                    continue
                row = {"cell": number, "layer": layer + 1, "site": site, "mode": "batch", "probe": "first"}
                for point, step in enumerate(POINTS):
                    moments = _moments(seen.record["shift"][cell, point, 0, layer, place])
                    apart = _layer(units, site, point, point, True, point) if point in FULL else nothing
                    yield {**row, "step": step, "later": step + 1, "horizon": "step", **moments, **apart}
                for horizon, pairs in PAIRS.items():
                    for earlier, later, where in pairs:
                        moments = _moments(seen.record["shift"][cell, later, where, layer, place])
                        apart = _layer(units, site, earlier, later, False, later)
                        steps = {"step": POINTS[earlier], "later": POINTS[later]}
                        yield {**row, **steps, "horizon": horizon, **moments, **apart}
                for full, point in enumerate(FULL):
                    step = POINTS[point]
                    pairs = {"step": (step, step + 1), "epoch": (step, step + EPOCH), "start": (POINTS[0], step)}
                    for where, (horizon, (begin, later)) in enumerate(pairs.items()):
                        if horizon == "epoch" and later not in POINTS or horizon == "start" and full == 0:
                            continue
                        moments = _moments(seen.record["shift_second"][cell, full, where, layer, place])
                        steps = {"step": begin, "later": later, "horizon": horizon, "probe": "second"}
                        yield {**row, **steps, **moments, **nothing}


def _moments(values):
    return dict(zip(("mean_shift", "sd_shift", "mean_shift_raw"), finite(values), strict=True))


@pytest.mark.parametrize("kind", ["none", "batch", "layer"])
def test_shifts_equal_a_plain_loop(kind):
    seen = group(kind)
    # Shares of nearly constant units (gamma 0.01) lose digits in the printed form of identity B.
    same(shifts(seen, RULES), list(_rows(seen, kind)), "shifts", KEYS, rtol=1e-5)


def test_shares_add_up_to_one():
    table = shifts(group("batch"), RULES).dropna(subset="location")
    assert table[["location", "scale", "shape"]].sum(axis=1).to_numpy() == pytest.approx(1)


def test_horizons_are_as_long_as_their_names_say():
    table = shifts(group("batch"), RULES).assign(apart=lambda rows: rows["later"] - rows["step"])
    lengths = table.groupby("horizon")["apart"].unique()
    assert lengths["step"].tolist() == [1]
    assert lengths["ten"].tolist() == [10]
    assert lengths["epoch"].tolist() == [EPOCH]
    assert set(table.loc[table["horizon"] == "start", "step"]) == {0}


def test_layer_norm_has_no_sketch_at_x():
    table = shifts(group("layer"), RULES)
    inside = (table["site"] == "x") & (table["horizon"] == "start") & (table["later"] == 3)
    assert table.loc[inside, "w2"].isna().all()
    assert table.loc[inside, "mean_shift"].notna().any()


def test_a_negative_gamma_leaves_the_sample_sorted():
    u = np.linspace(-1, 3, 15)
    y = scaled(u, np.array(-2.0), np.array(1.0))
    assert y.tolist() == sorted(-2 * value + 1 for value in u)


def test_normalising_makes_moments_zero_and_one():
    u = np.sort(np.random.default_rng(0).normal(3, 5, 15))
    x = normalised(u, u.mean(), u.std(), 0.0)
    assert (x.mean(), x.std()) == (pytest.approx(0, abs=1e-12), pytest.approx(1))
    assert np.isnan(normalised(np.ones(15), np.array(1.0), np.array(0.0), 0.0)).all()


def test_frozen_affine_leaves_only_the_shape_to_move():
    """With gamma 1 and beta 0 the sketch at y is that at x, whatever u does."""
    seen = group("batch")
    seen.record["gamma"][:], seen.record["beta"][:] = 1, 0
    seen.record["moments"][..., 0] *= 100
    seen.record["moments"][..., 1] += 100  # so wide that eps does not count
    table = shifts(seen, RULES)
    moved = table[(table["site"] == "y") & (table["probe"] == "first")].dropna(subset="shape")
    assert len(moved) > 100
    assert moved["location"].max() < 1e-6 and moved["scale"].max() < 1e-6
    at_u = table[(table["site"] == "u") & (table["probe"] == "first")].dropna(subset="shape")
    assert at_u["location"].mean() > 0.05


def test_activations_and_least_gamma_are_those_of_the_networks():
    import torch

    from normshift.metrics.sketch import ACTIVATIONS
    from normshift.networks import layer
    from normshift.observe import moments

    assert set(ACTIVATIONS) == set(layer.ACTIVATIONS)
    assert SMALL_GAMMA == moments.SMALL_GAMMA
    y = np.linspace(-3, 3, 15)
    for name, kind in layer.ACTIVATIONS.items():
        expected = kind()(torch.from_numpy(y)).numpy()
        np.testing.assert_allclose(activated(np.stack([y, y]), [name, "relu"])[0], expected, rtol=1e-12)


def test_moment_shifts_of_train_are_the_metrics_of_this_package():
    import torch

    from normshift.observe import moments

    rng = np.random.default_rng(0)
    before, after = rng.normal(size=(2, 50, 7))
    seen = moments.shift(*(moments.moments(torch.from_numpy(sample)) for sample in (before, after)))
    expected = [np.median(mean_shift(before.T, after.T)), np.median(sd_shift(before.T, after.T))]
    np.testing.assert_allclose(seen[:2].numpy(), expected, rtol=1e-9)
