import math
import statistics

import numpy as np
import pytest
from hypothesis import given

from normshift.metrics import shares, w2_raw, wasserstein_2_parts

from .samples import pairs, stacks


def _naive(before, after):
    """Identity B as it is printed, with the correlation of the quantile functions."""
    means = statistics.fmean(before), statistics.fmean(after)
    sds = statistics.pstdev(before), statistics.pstdev(after)
    if min(sds) == 0:
        return (means[1] - means[0]) ** 2, (sds[1] - sds[0]) ** 2, 0.0
    products = ((x - means[0]) * (y - means[1]) for x, y in zip(before, after, strict=True))
    rho = statistics.fmean(products) / (sds[0] * sds[1])
    return (means[1] - means[0]) ** 2, (sds[1] - sds[0]) ** 2, 2 * sds[0] * sds[1] * (1 - rho)


@given(pair=pairs)
def test_parts_equal_the_naive_twin(pair):
    np.testing.assert_allclose(wasserstein_2_parts(*pair), _naive(*map(list, pair)), rtol=1e-7, atol=1e-7)


@given(pair=pairs)
def test_parts_add_up_to_the_squared_distance_and_are_never_negative(pair):
    parts = wasserstein_2_parts(*pair)
    np.testing.assert_allclose(parts.sum(), w2_raw(*pair) ** 2, rtol=1e-9, atol=1e-12)
    assert (parts >= 0).all()


@given(pair=stacks)
def test_leading_axes_equal_a_loop(pair):
    before, after = pair
    loop = [wasserstein_2_parts(before[place], after[place]) for place in np.ndindex(before.shape[:-1])]
    np.testing.assert_array_equal(wasserstein_2_parts(before, after), np.reshape(loop, (*before.shape[:-1], 3)))


@given(pair=pairs)
def test_shares_add_up_to_one_unless_nothing_moved(pair):
    found = shares(wasserstein_2_parts(*pair))
    if np.array_equal(*pair):
        assert np.isnan(found).all()
    else:
        assert found.sum() == pytest.approx(1)


def test_each_part_shows_its_own_change_alone():
    before = np.linspace(-1, 1, 15)
    skewed = np.sort(np.exp(before))
    skewed = (skewed - skewed.mean()) / skewed.std() * before.std()
    for part, after in enumerate([before + 1, before * 2, skewed]):
        assert shares(wasserstein_2_parts(before, after))[part] == pytest.approx(1)


def test_a_constant_sample_has_location_and_scale_only():
    before, after = np.zeros(15), np.linspace(0, 2, 15)
    assert wasserstein_2_parts(before, after) == pytest.approx([1, after.var(), 0])
    assert math.isclose(wasserstein_2_parts(before, before + 2)[0], 4)
