import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normshift.params import Order, kinds
from normshift.shuffle.orders import REGISTRY

LABELS = st.lists(st.integers(0, 5), min_size=1, max_size=40).map(np.array)
EPOCHAL = ("buffer", "reshuffle", "single", "sorted", "stratified")


def test_every_file_is_registered_under_its_name():
    assert sorted(REGISTRY) == list(kinds("shuffle/orders").words)


@pytest.mark.parametrize("kind", REGISTRY)
@settings(max_examples=30, deadline=None)
@given(labels=LABELS, lengths=st.tuples(st.integers(1, 150), st.integers(1, 150)), batch_size=st.integers(1, 20))
def test_a_longer_stream_starts_with_the_shorter_one(stream_of, kind, labels, lengths, batch_size):
    short, long = (stream_of(kind, labels, length, batch_size) for length in sorted(lengths))
    assert short.dtype == np.int32 and short.shape == (min(lengths),)
    assert 0 <= short.min() and short.max() < len(labels)
    np.testing.assert_array_equal(short, long[: len(short)])


@pytest.mark.parametrize("kind", EPOCHAL)
@settings(max_examples=30, deadline=None)
@given(labels=LABELS, batch_size=st.integers(1, 20))
def test_every_epoch_is_a_permutation(stream_of, kind, labels, batch_size):
    for epoch in stream_of(kind, labels, 3 * len(labels), batch_size).reshape(3, -1):
        np.testing.assert_array_equal(np.sort(epoch), np.arange(len(labels)))


@pytest.mark.parametrize("kind", EPOCHAL)
@settings(max_examples=20, deadline=None)
@given(labels=LABELS, batch_sizes=st.tuples(st.integers(1, 20), st.integers(1, 20)))
def test_the_batch_size_only_cuts_the_stream(stream_of, kind, labels, batch_sizes):
    one, other = (stream_of(kind, labels, 100, batch_size) for batch_size in batch_sizes)
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("kind", REGISTRY)
def test_a_seed_gives_the_same_stream_again_and_another_seed_another(stream_of, kind):
    labels = np.arange(60) % 6
    first = stream_of(kind, labels, 200)
    np.testing.assert_array_equal(first, stream_of(kind, labels, 200))
    assert (first != stream_of(kind, labels, 200, seed=1)).any()


@pytest.mark.parametrize(("kind", "parameter"), [("buffer", "size"), ("dirichlet", "concentration")])
def test_an_order_without_its_parameter_is_refused(kind, parameter, draws):
    with pytest.raises(ValueError, match=parameter):
        REGISTRY[kind](np.arange(10) % 2, 20, 5, Order("mine", kind), draws(0))
