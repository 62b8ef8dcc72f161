import math

import numpy as np
import pytest
from hypothesis import given
from scipy.special import gamma, hyp1f1
from scipy.stats import energy_distance

from normshift.metrics import JOINT

from .samples import layer_pairs

joint_energy, joint_energy_raw = JOINT["joint_energy"], JOINT["joint_energy_raw"]
SIZE, UNITS, DRAWS = 12, 3, 2000


def _length(mean, sd):
    """Mean length of a Gaussian vector, mean and sd in every unit (noncentral chi law)."""
    spread = sd * math.sqrt(2) * gamma((UNITS + 1) / 2) / gamma(UNITS / 2)
    return spread * hyp1f1(-0.5, UNITS / 2, -UNITS * mean**2 / (2 * sd**2))


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 1.0), (0.7, 1.0), (0.2, 1.8)])
def test_mean_over_independent_samples_is_the_closed_form_for_gaussians_and_the_bias(mean, sd):
    """Pairs of an example with itself, one in n, count 0 among the distances within a sample."""
    before, others = np.random.default_rng(0).normal(size=(2, DRAWS, SIZE, UNITS))
    found = joint_energy_raw(before, mean + sd * others)
    within = _length(0, math.sqrt(2)), _length(0, sd * math.sqrt(2))
    expected = 2 * _length(mean, math.hypot(1, sd)) - sum(within) * (1 - 1 / SIZE)
    assert found.mean() == pytest.approx(expected, abs=4 * found.std() / math.sqrt(DRAWS))


@given(pair=layer_pairs)
def test_distance_of_one_unit_equals_scipy(pair):
    before, after = (sample[:, :1] for sample in pair)
    assert joint_energy_raw(before, after) == pytest.approx(energy_distance(before[:, 0], after[:, 0]) ** 2, abs=1e-9)


def test_a_move_far_below_the_gaps_between_examples_counts_in_proportion():
    before = np.random.default_rng(0).normal(size=(50, 4))
    for move in (1e-6, 1e-9):  # each example is then at 2 * move from itself, and at unmoved distances from others
        assert joint_energy_raw(before, before + move) == pytest.approx(2 * 2 * move / 50, rel=1e-3)


def test_rounding_never_makes_it_negative():
    before = np.random.default_rng(0).normal(size=(200, 10, 3))
    found = joint_energy_raw(before, before[:, ::-1])  # the same examples, summed in another order
    assert (found >= 0).all()
    assert found == pytest.approx(np.zeros(200), abs=1e-12)
