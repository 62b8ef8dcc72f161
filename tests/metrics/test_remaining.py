import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from normshift.metrics import displacement, remaining

BLOCKS = 5
EVERY = np.ones(BLOCKS, dtype=bool)
increments = arrays(float, st.tuples(st.just(BLOCKS), st.integers(1, 3)), elements=st.integers(-8, 8))
cells = arrays(float, st.tuples(st.integers(1, 3), st.just(BLOCKS), st.integers(1, 3)), elements=st.integers(-8, 8))
members = st.lists(st.booleans(), min_size=BLOCKS, max_size=BLOCKS).filter(any).map(np.array)


def _gram(blocks):
    rows, columns = np.triu_indices(blocks.shape[-2])
    return (blocks @ np.swapaxes(blocks, -1, -2))[..., rows, columns]


def _naive(blocks):
    """Walk from block to block and measure at each edge how far the end is."""
    path = [[0.0] * len(blocks[0])]
    for block in blocks:
        path.append([place + entry for place, entry in zip(path[-1], block, strict=True)])
    left = [math.dist(place, path[-1]) for place in path]
    return [one / left[0] if left[0] else math.nan for one in left]


@given(cells, members)
def test_what_remains_equals_a_walk_along_the_blocks_of_the_window(paths, window):
    found = remaining(_gram(paths), window)
    assert found.shape == (len(paths), window.sum() + 1)
    for cell, blocks in enumerate(paths):
        np.testing.assert_allclose(found[cell], _naive(blocks[window].tolist()), rtol=1e-9, atol=1e-7)


@given(increments, st.sampled_from([1e-8, 0.25, 3e6]))
def test_what_remains_does_not_depend_on_the_unit_of_the_parameters(blocks, factor):
    wide, narrow = (remaining(_gram(scale * blocks), EVERY) for scale in (factor, 1))
    np.testing.assert_allclose(wide, narrow, rtol=1e-9, atol=1e-7)


@given(increments)
def test_the_way_begins_whole_and_ends_at_nothing(blocks):
    found = remaining(_gram(blocks), EVERY)
    if displacement(_gram(blocks), EVERY):
        assert found[0] == 1 and found[-1] == 0
    else:
        assert np.isnan(found).all()


def test_a_march_falls_in_a_line_and_a_detour_rises_above_one():
    march = np.outer(np.ones(BLOCKS), [1.0, -2.0])
    np.testing.assert_allclose(remaining(_gram(march), EVERY), [1, 0.8, 0.6, 0.4, 0.2, 0], atol=1e-12)
    detour = np.array([[-2.0], [0.0], [0.0], [0.0], [3.0]])
    np.testing.assert_allclose(remaining(_gram(detour), EVERY), [1, 3, 3, 3, 3, 0], atol=1e-12)


def test_a_single_block_has_its_two_ends():
    assert remaining(_gram(np.ones((BLOCKS, 3))), np.arange(BLOCKS) == 2).tolist() == [1, 0]


def test_a_return_to_the_start_and_a_missing_product_are_missing():
    there_and_back = np.array([[0.1, 0.3], [0.7, 0.2], [-0.7, -0.2], [-0.1, -0.3], [1e-9, 0.0]])
    gram = np.stack([_gram(there_and_back), np.full(15, np.nan), np.zeros(15)])
    found = remaining(gram, EVERY)
    assert np.isnan(found[:, :-1]).all() and np.isnan(found[1:]).all() and found.shape == (3, BLOCKS + 1)


@pytest.mark.parametrize("leading", [(), (2,), (2, 3)])
def test_leading_axes_equal_a_loop(leading):
    blocks = np.random.default_rng(0).normal(size=(*leading, BLOCKS, 4))
    found = remaining(_gram(blocks), EVERY)
    for place in np.ndindex(leading):
        np.testing.assert_allclose(found[place], _naive(blocks[place].tolist()), atol=1e-7)
