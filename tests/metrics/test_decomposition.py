import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from normshift.metrics import decomposition

from .samples import values

corners = arrays(float, st.tuples(st.integers(1, 3), st.integers(1, 3), st.just(2), st.just(2)), elements=values)


def _shapley(corner):
    """Average, over the orders in which network and batch are exchanged, of what each exchange adds."""
    added = {"state": 0.0, "batch": 0.0}
    for order in itertools.permutations(added):
        now = {"state": 0, "batch": 0}
        for player in order:
            before = corner[now["state"], now["batch"]]
            now[player] = 1
            added[player] += (corner[now["state"], now["batch"]] - before) / 2
    return corner[1, 1] - corner[0, 0], added["batch"], added["state"]


@given(corners)
def test_decomposition_equals_the_naive_twin_over_any_leading_axes(corner):
    found = decomposition(corner)
    for place in np.ndindex(corner.shape[:2]):
        np.testing.assert_allclose(found[place], _shapley(corner[place]), atol=1e-12)


@given(corners)
def test_sampling_and_drift_add_up_to_the_change(corner):
    change, sampling, drift = np.moveaxis(decomposition(corner), -1, 0)
    np.testing.assert_allclose(sampling + drift, change, atol=1e-12)


def test_no_drift_without_an_update_and_no_sampling_on_one_batch():
    other_batch, other_network = np.array([[1.0, 3.0], [1.0, 3.0]]), np.array([[1.0, 1.0], [3.0, 3.0]])
    assert decomposition(other_batch) == pytest.approx([2, 2, 0])
    assert decomposition(other_network) == pytest.approx([2, 0, 2])
