import itertools
import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from normshift.metrics import displacement, settling, settling_null, settling_share
from normshift.seeds import generator

BLOCKS = 5
EVERY = np.ones(BLOCKS, dtype=bool)
increments = arrays(float, st.tuples(st.just(BLOCKS), st.integers(1, 3)), elements=st.integers(-8, 8))
cells = arrays(float, st.tuples(st.integers(1, 3), st.just(BLOCKS), st.integers(1, 3)), elements=st.integers(-8, 8))
members = st.lists(st.booleans(), min_size=BLOCKS, max_size=BLOCKS).map(np.array)


def _gram(blocks):
    rows, columns = np.triu_indices(blocks.shape[-2])
    return (blocks @ np.swapaxes(blocks, -1, -2))[..., rows, columns]


def _inner(one, other):
    return sum(x * y for x, y in zip(one, other, strict=True))


def _naive(blocks):
    """Walk from block to block and take the mean of the way made between them, x_0 and x_T counting half."""
    path = [[0.0] * len(blocks[0])] if len(blocks) else []
    for block in blocks:
        path.append([place + entry for place, entry in zip(path[-1], block, strict=True)])
    if len(blocks) < 2 or not any(path[-1]):
        return math.nan
    way = [_inner(place, path[-1]) / _inner(path[-1], path[-1]) for place in path]
    return statistics.fmean((start + end) / 2 for start, end in itertools.pairwise(way))


def _orders(blocks):
    return [_naive([blocks[place] for place in order]) for order in itertools.permutations(range(len(blocks)))]


@given(cells, members)
def test_settling_equals_a_walk_along_the_blocks_of_the_window(paths, window):
    found = settling(_gram(paths), window)
    for cell, blocks in enumerate(paths):
        np.testing.assert_allclose(found[cell], _naive(blocks[window].tolist()), rtol=1e-9, atol=1e-12)


@given(increments)
def test_the_mean_over_all_orders_is_one_half_and_their_sd_is_the_nulls(blocks):
    every = _orders(blocks.tolist())
    found = settling_null(_gram(blocks), EVERY)
    if math.isnan(every[0]):
        assert np.isnan(found).all()
    else:
        assert statistics.fmean(every) == pytest.approx(0.5)
        assert found == pytest.approx([0.5, statistics.pstdev(every)])


@given(cells, members)
def test_the_null_of_a_window_equals_a_loop(paths, window):
    loop = [settling_null(_gram(blocks[window]), np.ones(window.sum(), dtype=bool)) for blocks in paths]
    np.testing.assert_allclose(settling_null(_gram(paths), window), loop, rtol=1e-12, atol=1e-15)


@given(increments)
def test_the_time_reversed_path_settles_as_late_as_the_path_settles_early(blocks):
    found, reverse = settling(_gram(blocks), EVERY), settling(_gram(blocks[::-1]), EVERY)
    np.testing.assert_allclose(found + reverse, 1.0 if displacement(_gram(blocks), EVERY) else np.nan)


@given(increments, st.sampled_from([1e-8, 0.25, 3e6]))
def test_settling_does_not_depend_on_the_unit_of_the_parameters(blocks, factor):
    wide, narrow = (settling(_gram(scale * blocks), EVERY) for scale in (factor, 1))
    np.testing.assert_allclose(wide, narrow, rtol=1e-9, atol=1e-12)


def test_a_march_gives_one_half_and_a_single_move_the_time_after_it():
    march = np.outer(np.ones(BLOCKS), [1.0, -2.0])
    assert settling(_gram(march), EVERY) == pytest.approx(0.5)
    assert settling_null(_gram(march), EVERY) == pytest.approx([0.5, 0])
    for block, after in enumerate([0.9, 0.7, 0.5, 0.3, 0.1]):
        assert settling(_gram(march * (np.arange(BLOCKS) == block)[:, None]), EVERY) == pytest.approx(after)


def test_random_walks_give_one_half_with_the_sd_of_their_nulls():
    walks = generator(0, "walks").normal(size=(2000, 20, 100))
    gram, window = _gram(walks), np.ones(20, dtype=bool)
    found, null = settling(gram, window), settling_null(gram, window)
    assert found.mean() == pytest.approx(0.5, abs=4 * found.std() / np.sqrt(2000))
    assert ((found - null[:, 0]) / null[:, 1]).std() == pytest.approx(1, rel=0.1)


@given(cells, st.integers(0, 2**32))
def test_the_share_equals_settling_of_blocks_put_in_another_order(paths, root):
    found = settling_share(_gram(paths), EVERY, generator(root, "settling"), 10)
    draw = generator(root, "settling")
    orders = [np.argsort(draw.permutation(BLOCKS)) for _ in range(10)]
    for cell, blocks in enumerate(paths):
        seen = _naive(blocks.tolist())
        later = sum(_naive(blocks[order].tolist()) >= seen - 1e-9 for order in orders)
        np.testing.assert_allclose(found[cell], math.nan if math.isnan(seen) else (1 + later) / 11)


@given(increments)
def test_the_share_comes_near_that_of_all_orders(blocks):
    every, found = _orders(blocks.tolist()), settling_share(_gram(blocks), EVERY, generator(1, "settling"))
    later = [other >= every[0] - 1e-9 for other in every]
    expected = math.nan if math.isnan(every[0]) else statistics.fmean(later)
    np.testing.assert_allclose(found, expected, atol=0.07)


def test_shares_of_random_walks_are_uniform():
    gram, window = _gram(generator(0, "walks").normal(size=(2000, 20, 30))), np.ones(20, dtype=bool)
    found = settling_share(gram, window, generator(0, "settling"), 199)
    np.testing.assert_allclose([(found <= level).mean() for level in (0.05, 0.5, 0.95)], [0.05, 0.5, 0.95], atol=0.04)


def test_the_share_is_never_zero_and_ties_count():
    early = np.outer(0.5 ** np.arange(20.0), [1.0, 3.0])
    window = np.ones(20, dtype=bool)
    assert settling_share(_gram(early), window, generator(0, "settling"), 99) == pytest.approx(0.01)
    assert settling_share(_gram(np.full((20, 3), 0.1)), window, generator(0, "settling"), 99) == 1


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_blocks_have_no_order(count):
    gram, window = _gram(np.ones((2, BLOCKS, 3))), np.arange(BLOCKS) < count
    assert np.isnan(settling(gram, window)).all()
    assert np.isnan(settling_null(gram, window)).all()
    assert np.isnan(settling_share(gram, window, generator(0, "settling"), 3)).all()


def test_a_return_to_the_start_and_a_missing_product_are_missing():
    there_and_back = np.array([[0.1, 0.3], [0.7, 0.2], [-0.7, -0.2], [-0.1, -0.3], [1e-9, 0.0]])
    gram = np.stack([_gram(there_and_back), np.full(15, np.nan), np.zeros(15)])
    assert np.isnan(settling(gram, EVERY)).all()
    assert np.isnan(settling_null(gram, EVERY)).all()
    assert np.isnan(settling_share(gram, EVERY, generator(0, "settling"), 3)).all()
