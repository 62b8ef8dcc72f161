import numpy as np
import pytest
from hypothesis import given

from normshift.metrics import quantile_band
from normshift.records import LEVELS

from .samples import pairs, stacks


@given(pair=pairs)
def test_band_equals_numpys_hazen_quantiles(pair):
    expected = np.quantile(pair[0], [0.15, 0.5, 0.85], method="hazen")
    np.testing.assert_allclose(quantile_band(pair[0]), expected, rtol=1e-12, atol=1e-12)


@given(pair=pairs)
def test_band_equals_interpolation_between_the_levels(pair):
    sample = pair[0]
    levels = (np.arange(sample.size) + 0.5) / sample.size
    np.testing.assert_allclose(quantile_band(sample), np.interp([0.15, 0.5, 0.85], levels, sample), atol=1e-12)


def test_positions_are_those_at_which_sketches_are_taken():
    assert quantile_band(LEVELS) == pytest.approx([0.15, 0.5, 0.85])


@given(pair=stacks)
def test_leading_axes_equal_a_loop(pair):
    loop = [quantile_band(pair[0][place]) for place in np.ndindex(pair[0].shape[:-1])]
    np.testing.assert_array_equal(quantile_band(pair[0]), np.reshape(loop, (*pair[0].shape[:-1], 3)))
