import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ortho_group, pearsonr

from normshift.metrics import JOINT

cka = JOINT["cka"]


def _normal(seed, size=40, units=4):
    return np.random.default_rng(seed).normal(size=(2, size, units))


@given(seed=st.integers(0, 1000))
def test_alignment_of_single_units_is_their_squared_correlation(seed):
    before, after = _normal(seed, units=1)
    assert cka(before, after) == pytest.approx(pearsonr(before[:, 0], after[:, 0]).statistic ** 2)


@given(seed=st.integers(0, 1000))
def test_alignment_lies_between_0_and_1(seed):
    before, after = _normal(seed, size=8)
    assert 0 <= cka(before, after) <= 1
    assert cka(before, before + 1e-9 * after) <= 1 + 1e-12


def test_moved_means_a_common_scale_and_rotations_are_not_seen_at_all():
    before, move = _normal(0)
    shifted = move[0] + 7 * before @ ortho_group.rvs(4, random_state=1)
    assert cka(before, shifted) == pytest.approx(1)
    assert JOINT["sliced_w2"](before, shifted) > 1


def test_scales_that_differ_between_units_are_seen():
    before, _ = _normal(0)
    assert cka(before, before * [1, 2, 3, 4]) < 0.99


def test_unrelated_examples_look_alike_where_they_are_few():
    found = [cka(*_normal(0, size=size, units=100)) for size in (90, 900, 9000)]
    assert found[0] > 0.4
    assert found[2] < 0.02
    assert found == sorted(found, reverse=True)
