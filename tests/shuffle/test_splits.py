import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits

from normshift.params import Data
from normshift.seeds import generator
from normshift.shuffle.splits import HELDOUT, balanced, split

DIGITS = load_digits().target
DATA = Data("digits", "digits", 1197, 200)


@pytest.mark.parametrize("seed", [*range(12), *range(1000, 1004)])
def test_digits_split_in_three_balanced_sets_and_all_the_rest(seed):
    sets = split(DIGITS, DATA, generator(0, "split", seed))
    for name in HELDOUT:
        np.testing.assert_array_equal(np.bincount(DIGITS[sets[name]]), 20)
    together = np.concatenate([sets[name] for name in ("train", *HELDOUT)])
    np.testing.assert_array_equal(np.sort(together), np.arange(1797))
    assert len(sets["train"]) == 1197
    np.testing.assert_array_equal(np.bincount(DIGITS[sets["train"]][sets["subset"]]), 20)
    assert len(np.unique(sets["subset"])) == 200
    assert all(positions.dtype == np.int32 for positions in sets.values())


def test_every_seed_has_its_own_split():
    probes = {tuple(split(DIGITS, DATA, generator(0, "split", seed))["probe"]) for seed in range(16)}
    assert len(probes) == 16


@settings(max_examples=60, deadline=None)
@given(
    classes=st.integers(1, 7),
    each=st.integers(12, 20),
    heldout=st.integers(1, 26),
    share=st.floats(0, 1),
    seed=st.integers(),
)
def test_any_split_is_disjoint_and_as_even_as_possible(classes, each, heldout, share, seed):
    heldout = min(heldout, each // 3 * classes)
    rest = classes * each - 3 * heldout
    if rest < 1:
        heldout, rest = 1, classes * each - 3
    labels = np.random.default_rng(abs(seed)).permutation(np.repeat(np.arange(classes), each))
    data = Data("made", "made", max(1, round(share * rest)), heldout)
    sets = split(labels, data, generator(seed))
    together = np.concatenate([sets[name] for name in ("train", *HELDOUT)])
    assert len(np.unique(together)) == len(together) == data.train + 3 * heldout
    for name in HELDOUT:
        assert np.ptp(np.bincount(labels[sets[name]], minlength=classes)) <= (heldout % classes > 0)
    assert len(np.unique(sets["subset"])) == min(heldout, data.train)


def test_who_is_one_ahead_is_drawn():
    labels = np.repeat(np.arange(3), 10)
    ahead = [np.bincount(labels[split(labels, Data("a", "a", 9, 7), generator(s))["test"]]).argmax() for s in range(30)]
    assert set(ahead) == {0, 1, 2}


def test_the_subset_is_drawn_from_all_of_the_training_split():
    subset = split(DIGITS, DATA, generator(0, "split", 0))["subset"]
    assert np.histogram(subset, 4, (0, 1197))[0].min() > 25


def test_a_class_that_has_too_few_gives_all_it_has():
    labels = np.repeat(np.arange(3), [1, 10, 10])
    np.testing.assert_array_equal(np.bincount(labels[balanced(labels, np.arange(21), 9)]), [1, 4, 4])


def test_a_training_split_smaller_than_the_rest_is_drawn_from_all_of_it():
    labels = np.repeat(np.arange(10), 100)
    used = {int(i) for s in range(40) for i in split(labels, Data("a", "a", 100, 50), generator(s))["train"]}
    assert len(used) > 970  # 1000 (1 - .9^40)


@pytest.mark.parametrize(
    ("train", "heldout", "message"),
    [(1198, 200, "data.train=1198.*1797 samples.*1798"), (20, 590, "data.heldout=590: class 8 .* 174 .* 177")],
)
def test_more_than_there_is_is_refused_with_the_numbers(train, heldout, message):
    with pytest.raises(ValueError, match=message):
        split(DIGITS, Data("digits", "digits", train, heldout), generator(0))


MADE = np.arange(120) % 3
OFFICIAL = Data("made", "made", 70, 12, split="official")


@pytest.mark.parametrize("train", [70, 20])
def test_of_an_official_split_each_side_gives_its_own(train):
    data = Data("made", "made", train, 12, split="official")
    sets = split(MADE, data, generator(0, "split", 1), official=50)
    assert sets["train"].max() < 70 <= min(sets[name].min() for name in HELDOUT)
    held = np.concatenate([sets[name] for name in HELDOUT])
    assert len(np.unique(held)) == 36 and len(np.unique(sets["train"])) == train
    for name in HELDOUT:
        np.testing.assert_array_equal(np.bincount(MADE[sets[name]]), 4)
    np.testing.assert_array_equal(np.bincount(MADE[sets["train"]][sets["subset"]]), 4)


def test_pooled_samples_do_not_know_where_they_came_from():
    pooled = Data("made", "made", 70, 12)
    for name, positions in split(MADE, pooled, generator(0), official=50).items():
        np.testing.assert_array_equal(positions, split(MADE, pooled, generator(0))[name])
    used = {int(i) for s in range(30) for i in split(MADE, pooled, generator(s), official=50)["test"]}
    assert min(used) < 70 <= max(used)


def test_every_seed_draws_its_own_from_an_official_split():
    found = [split(MADE, Data("made", "made", 50, 12, split="official"), generator(s), 50) for s in range(20)]
    for name in ("train", *HELDOUT):
        assert len({sets[name].tobytes() for sets in found}) == 20


@pytest.mark.parametrize(
    ("train", "heldout", "official", "said"),
    [
        (50, 12, 0, "data.split=official: made has no official split"),
        (71, 12, 50, "data.train=71: made has 70 samples to train on, fewer than train = 71"),
        (70, 17, 50, "data.heldout=17: made has 50 samples in its official test set, fewer than 3 x heldout = 51"),
        (70, 16, 50, r"data.heldout=16: class \d of made has 1\d samples, fewer than the 18 that 3 class-balanced"),
    ],
)
def test_more_than_an_official_split_has_is_refused_with_the_numbers(train, heldout, official, said):
    with pytest.raises(ValueError, match=said):
        split(MADE, Data("made", "made", train, heldout, split="official"), generator(0), official)


def test_a_class_that_the_official_test_set_lacks_is_refused():
    labels = np.append(np.zeros(30, int), np.arange(60) % 3 % 2)
    labels[0] = 2
    with pytest.raises(ValueError, match="class 2 of made has 0 samples"):
        split(labels, Data("made", "made", 20, 6, split="official"), generator(0), 60)
