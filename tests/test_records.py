"""Arrays on disk, and paths kept as their steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normshift.records import decoded, increments


@given(st.integers(0, 2**32 - 1), st.floats(1e-4, 1e4))
def test_a_path_is_off_by_half_precision_of_its_last_step(seed, scale):
    path = scale * np.random.default_rng(seed).standard_normal((40, 3)).cumsum(axis=0)
    steps = increments(path)
    found = decoded(path[0], steps, axis=0)
    assert steps.dtype == np.float16 and not steps[0].any()
    # Below 2^-14 half precision has fixed steps of 2^-24.
    assert (np.abs(found - path) <= 2.0**-11 * np.abs(steps) + 2.0**-24).all()


def test_a_step_beyond_half_precision_ends_a_path():
    path = np.array([[0.0, 0.0], [1.0, 7e4], [2.0, 7e4], [-1.0, 7e4]])
    found = decoded(path[0], increments(path), axis=0)
    assert found[:, 0] == pytest.approx(path[:, 0])
    assert np.isnan(found[1:, 1]).all() and found[0, 1] == 0
