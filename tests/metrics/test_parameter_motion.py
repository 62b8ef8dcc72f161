"""Block means, path length, displacement and fluctuation of a parameter's path."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from normshift.metrics import block_mean, displacement, fluctuation, path_length, random_walk

from .samples import values

BLOCKS = 4
paths = arrays(
    float, st.tuples(st.integers(1, 3), st.just(BLOCKS), st.integers(2, 4), st.integers(1, 3)), elements=values
)
members = st.lists(st.booleans(), min_size=BLOCKS, max_size=BLOCKS).map(np.array)


def _gram(increments):
    rows, columns = np.triu_indices(BLOCKS)
    return (increments[..., rows, :] * increments[..., columns, :]).sum(-1)


@given(paths, members)
def test_path_and_net_equal_a_walk_along_the_steps(steps, window):
    """Steps (cell, block, step, entry)."""
    found_path = path_length(np.linalg.norm(steps, axis=-1).sum(-1), window)
    found_net = displacement(_gram(steps.sum(2)), window)
    for cell, blocks in enumerate(steps):
        walked = [step for block, inside in zip(blocks, window, strict=True) if inside for step in block]
        length = sum(math.dist(step, np.zeros_like(step)) for step in walked) if walked else math.nan
        net = math.sqrt(sum(sum(entries) ** 2 for entries in zip(*walked, strict=True))) if walked else math.nan
        np.testing.assert_allclose([found_path[cell], found_net[cell]], [length, net], atol=1e-4, rtol=1e-9)


@given(paths)
def test_a_path_is_never_shorter_than_its_net(steps):
    everything = np.ones(BLOCKS, dtype=bool)
    net = displacement(_gram(steps.sum(2)), everything)
    assert (path_length(np.linalg.norm(steps, axis=-1).sum(-1), everything) >= net - 1e-6).all()


def test_rounding_never_makes_a_return_to_the_start_missing():
    gram = np.array([1.0, -1.0000001, 1.0])
    assert displacement(gram, np.array([True, True])) == 0


@given(st.lists(st.integers(0, 5), min_size=BLOCKS, max_size=BLOCKS), st.data())
def test_block_mean_equals_the_mean_over_updates(updates, data):
    each = [data.draw(st.lists(values, min_size=count, max_size=count)) for count in updates]
    blocks = np.array([np.mean(block) if block else math.nan for block in each])
    flat = [value for block in each for value in block]
    expected = np.mean(flat) if flat else math.nan
    np.testing.assert_allclose(block_mean(np.stack([blocks, 2 * blocks]), np.array(updates)), [expected, 2 * expected])


@given(st.lists(st.integers(0, 5), min_size=BLOCKS, max_size=BLOCKS), st.data())
def test_a_random_walk_gets_as_far_as_the_root_of_its_squared_steps(updates, data):
    """Steps of a block are equally long; a block without steps is outside the window."""
    length = np.array([data.draw(st.floats(0, 10)) for _ in updates])
    count = np.array(updates)
    squares = [length[block] ** 2 for block, steps in enumerate(updates) for _ in range(steps)]
    expected = math.sqrt(sum(squares)) if squares else math.nan
    blocks = length * count
    np.testing.assert_allclose(random_walk(np.stack([blocks, 2 * blocks]), count), [expected, 2 * expected])


def test_walks_of_many_random_directions_get_as_far():
    draw = np.random.default_rng(0)
    length, count = np.array([3.0, 1.0, 0.5, 2.0]), np.array([5, 40, 80, 10])
    steps = draw.normal(size=(4000, count.sum(), 3))
    steps *= np.repeat(length, count)[None, :, None] / np.linalg.norm(steps, axis=-1, keepdims=True)
    net = np.sqrt(np.square(steps.sum(axis=1)).sum(axis=-1).mean())
    assert random_walk(length * count, count) == pytest.approx(net, rel=0.03)


@given(arrays(float, st.tuples(st.integers(1, 3), st.integers(1, 12)), elements=values))
def test_fluctuation_equals_numpys_line(trajectories):
    found = fluctuation(trajectories)
    for cell, trajectory in enumerate(trajectories):
        time = np.arange(trajectory.size)
        if trajectory.size < 3:
            assert np.isnan(found[cell])
        else:
            line = np.poly1d(np.polyfit(time, trajectory, 1))
            assert found[cell] == pytest.approx(np.sqrt(np.mean((trajectory - line(time)) ** 2)), abs=1e-9)


@given(values, values)
def test_a_march_does_not_fluctuate(start, slope):
    assert fluctuation(start + slope * np.arange(50.0)) == pytest.approx(0, abs=1e-9)


def test_fluctuation_about_a_trend_is_the_sd_of_the_noise():
    noise = np.random.default_rng(0).normal(size=(200, 400))
    assert fluctuation(3 * np.arange(400.0) + noise).mean() == pytest.approx(1, rel=0.01)
