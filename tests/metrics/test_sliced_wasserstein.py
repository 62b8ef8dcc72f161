import math

import numpy as np
import ot
import pytest
from hypothesis import given

from normshift.metrics import JOINT
from normshift.metrics.sliced_wasserstein import DIRECTIONS, directions

from .samples import layer_pairs

sliced_w2, sliced_w2_raw = JOINT["sliced_w2"], JOINT["sliced_w2_raw"]


@given(pair=layer_pairs)
def test_distance_equals_pot_with_the_same_directions(pair):
    lines = directions(pair[0].shape[1])
    expected = ot.sliced_wasserstein_distance(*pair, projections=lines, p=2)
    assert sliced_w2_raw(*pair) == pytest.approx(expected, rel=1e-9, abs=1e-7)


@pytest.mark.parametrize("units", [1, 3, 8, 100, 300])
def test_directions_are_unit_vectors_all_different_and_the_same_in_every_call(units):
    lines = directions(units)
    assert lines.shape == (units, DIRECTIONS)
    assert np.linalg.norm(lines, axis=0) == pytest.approx(np.ones(DIRECTIONS))
    np.testing.assert_array_equal(lines, directions(units))
    alike = np.abs(lines.T @ lines)[~np.eye(DIRECTIONS, dtype=bool)]
    assert alike.max() == pytest.approx(1) if units == 1 else alike.max() < 1 - 1e-9


def test_directions_favour_none():
    lines = directions(5)
    assert lines @ lines.T / DIRECTIONS == pytest.approx(np.eye(5) / 5)  # whole bases
    assert np.mean(lines**4) == pytest.approx(3 / (5 * 7), rel=0.1)  # of the uniform law on the sphere


@pytest.mark.parametrize(("mean", "sd"), [(0.5, 1.0), (0.0, 2.0), (-1.5, 0.4)])
def test_closed_form_for_gaussians(mean, sd):
    """A white sample seen from any side has mean 0 and sd 1."""
    draw = np.random.default_rng(0).normal(size=(500, 8))
    draw -= draw.mean(axis=0)
    before = draw @ np.linalg.inv(np.linalg.cholesky(draw.T @ draw / 500)).T
    after = mean + sd * before
    assert sliced_w2_raw(before, after) == pytest.approx(math.hypot(mean, sd - 1))
    assert sliced_w2(before, after) == pytest.approx(math.hypot(mean, sd - 1) / math.sqrt((1 + sd**2) / 2))


def test_a_change_of_dependence_alone_is_seen():
    before = np.random.default_rng(0).normal(size=(200, 2))
    after = np.stack([before[:, 0], np.sort(before[:, 1])[np.argsort(np.argsort(before[:, 0]))]], axis=1)
    np.testing.assert_array_equal(np.sort(before, axis=0), np.sort(after, axis=0))
    assert sliced_w2(before, after) > 0.2
