import numpy as np
import pytest

from normshift.metrics import pooled_sigma, spread


def test_sigma_pools_both_snapshots():
    assert pooled_sigma(3.0, 4.0) == pytest.approx(np.sqrt(12.5))


def test_sigma_of_nothing_is_missing_and_never_below_the_least():
    assert np.isnan(pooled_sigma(0.0, 0.0))
    assert pooled_sigma(0.0, 0.0, 0.05) == 0.05
    assert np.isnan(pooled_sigma(np.nan, 1.0, 0.05))


def test_spread_is_the_biased_sd_and_exactly_zero_for_equal_values():
    assert np.std(np.full(15, 0.1)) > 0  # rounding
    assert spread(np.stack([np.full(15, 0.1), np.arange(15.0)])).tolist() == [0, np.arange(15.0).std()]
