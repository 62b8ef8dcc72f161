import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from normshift.seeds import generator
from normshift.shuffle.orders.buffer import buffered


def naive(samples, size, draw):
    """A list that is filled, and gives up a random member; the hole is filled by the next sample or the last member."""
    waiting, held, given_out = list(samples), [], []
    while len(held) < size and waiting:
        held.append(waiting.pop(0))
    while held:
        place = draw.integers(len(held))
        given_out.append(held[place])
        if waiting:
            held[place] = waiting.pop(0)
        else:
            held[place] = held[-1]
            held.pop()
    return given_out


@settings(max_examples=60, deadline=None)
@given(count=st.integers(1, 60), size=st.integers(1, 80), seed=st.integers(0, 100))
def test_equals_the_list_that_is_filled_and_emptied(count, size, seed):
    samples = np.arange(100, 100 + count)
    fast = buffered(samples, size, generator(seed))
    np.testing.assert_array_equal(fast, naive(samples, size, generator(seed)))
    np.testing.assert_array_equal(np.sort(fast), samples)


@settings(max_examples=30, deadline=None)
@given(size=st.integers(1, 80), seed=st.integers(0, 100))
def test_no_sample_comes_before_the_buffer_could_hold_it(size, seed):
    fast = buffered(np.arange(60), size, generator(seed))
    assert (fast < np.arange(60) + size).all()


def test_a_buffer_of_one_is_the_sorted_stream(stream_of):
    labels = np.random.default_rng(0).integers(0, 5, 60)
    np.testing.assert_array_equal(stream_of("buffer", labels, 150, size=1), stream_of("sorted", labels, 150))


def test_a_buffer_of_everything_is_a_uniform_permutation():
    places = np.stack([buffered(np.arange(5), 9, generator(seed)) for seed in range(2000)])
    counts = np.stack([np.bincount(column, minlength=5) for column in places.T])
    assert np.abs(counts - 400).max() < 5 * np.sqrt(2000 * 0.2 * 0.8)


def test_epochs_differ(stream_of):
    first, second = stream_of("buffer", np.arange(60) % 3, 120, size=10).reshape(2, -1)
    assert (first != second).any()
