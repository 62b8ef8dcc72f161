import itertools
import math

import numpy as np
import pytest

from normshift import metrics, seeds
from normshift.measure.distances import distances, width
from normshift.metrics.null import SPLITS
from normshift.observe.plan import Plan

from .compare import finite, middle, same
from .made_up import RULES, group

KEYS = ("cell", "step", "later", "horizon", "metric")
STEPS = (0, 6, 30, 40, 70)  # at which layers are kept
PAIRS = [("epoch", 0, 3), ("epoch", 2, 4), ("start", 0, 4)]


def _apart(name, before, after, scale):
    """A distance between two layers (sample, unit); of each unit on its own, their median."""
    if name == "mmd":
        return metrics.mmd(before, after, scale)
    if name in metrics.JOINT:
        return metrics.JOINT[name](before, after)
    return middle([float(metrics.REGISTRY[name](*map(np.sort, pair))) for pair in zip(before.T, after.T, strict=True)])


def _nulls(name, snapshots, scale):
    """The mean over random cuts of the earlier samples in halves; every unit and snapshot is cut anew."""
    draw, size, cuts = seeds.generator("halves"), snapshots.shape[1], SPLITS
    units = 1 if name in metrics.JOINT else snapshots.shape[2]
    total = np.zeros((len(snapshots), units))
    for _ in range(cuts):
        orders = draw.permuted(np.tile(np.arange(size), (len(snapshots), units, 1)), axis=-1)
        for at, unit in itertools.product(range(len(snapshots)), range(units)):
            own = snapshots[at] if name in metrics.JOINT else np.sort(snapshots[at][:, [unit]], axis=0)
            first, second = own[orders[at, unit, : size // 2]], own[orders[at, unit, size // 2 : size // 2 * 2]]
            total[at, unit] += _apart(name, first, second, scale) / cuts
    return [middle(each) for each in total.tolist()]


def _median_distance(snapshots):
    rows = [row for snapshot in snapshots if not np.isnan(snapshot).any() for row in snapshot]
    return np.median([math.dist(one, other) for one, other in itertools.combinations(rows, 2)]) if rows else math.nan


def _rows(seen, name):
    for cell, number in enumerate(seen.record["cell"]):
        layers = finite(seen.record["activations"][cell])
        scale = _median_distance(layers)
        nulls = _nulls(name, layers[[0, 2]], scale)
        for horizon, earlier, later in PAIRS:
            row = {"cell": number, "step": STEPS[earlier], "later": STEPS[later], "horizon": horizon, "metric": name}
            yield {**row, "value": _apart(name, layers[earlier], layers[later], scale), "null": nulls[earlier // 2]}


@pytest.fixture(scope="module")
def measured():
    """Some cells, and their table."""
    seen = group("batch", count=3, detail=True)
    return seen, distances(seen, RULES)


@pytest.mark.parametrize("name", [*metrics.REGISTRY, *metrics.JOINT])
def test_distances_equal_a_plain_loop(measured, name):
    seen, found = measured
    rows = list(_rows(seen, name))
    same(found[found["metric"] == name], rows, "distances", KEYS)
    known = [row for row in rows if not math.isnan(row["value"])]
    assert 0 < len(known) < len(rows)  # the second cell diverges on the way


def test_cells_that_are_not_watched_have_no_rows():
    same(distances(group("batch"), RULES), [], "distances", KEYS)


@pytest.mark.parametrize("kind", ["none", "layer"])
def test_every_arm_has_every_distance(kind):
    found = distances(group(kind, detail=True), RULES)
    assert len(found) == 5 * len(PAIRS) * len({**metrics.REGISTRY, **metrics.JOINT})


def test_a_run_that_is_seen_once_is_compared_with_nothing():
    same(distances(group("batch", detail=True, plan=Plan(5, 40, (0, 2, 4), (0,))), RULES), [], "distances", KEYS)


def test_a_cell_that_has_diverged_from_the_start_has_no_width():
    assert math.isnan(width(np.full((2, 12, 4), np.nan)))


def test_where_nothing_has_moved_distances_are_0_and_their_nulls_are_not():
    seen = group("batch", count=2, detail=True)
    seen.record["activations"][:] = seen.record["activations"][:, :1]
    found = distances(seen, RULES).query("cell == 1").set_index("metric")
    still = found.drop(["cka", "c2st"])
    assert (still["value"] == 0).all()
    assert (still["null"].abs() > 1e-3).all()
    assert found.loc["cka", "value"].to_numpy() == pytest.approx(1)
