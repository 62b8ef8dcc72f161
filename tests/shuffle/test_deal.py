from fractions import Fraction
from functools import partial

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from normshift.seeds import generator
from normshift.shuffle.deal import by_label, deal, spread

DRAW = partial(generator, 0, "order", 0)
COUNTS = st.lists(st.integers(1, 30), min_size=1, max_size=8)


def naive_spread(labels):
    """Tijdeman's algorithm as the paper has it: shares and debts as fractions, one class at a time."""
    classes = sorted(set(labels.tolist()))
    share = {label: Fraction(int((labels == label).sum()), len(labels)) for label in classes}
    slack = Fraction(1, max(2 * len(classes) - 2, 2))
    given_out = dict.fromkeys(classes, 0)
    turns = []
    for turn in range(1, len(labels) + 1):
        owed = {label: share[label] * turn - given_out[label] for label in classes}
        eligible = [label for label in classes if owed[label] >= slack]
        chosen = min(eligible, key=lambda label: (1 - slack - owed[label]) / share[label])
        given_out[chosen] += 1
        turns.append(chosen)
    return turns


def naive_deal(wanted, labels, draw):
    """One hand per class, shuffled whenever it is empty."""
    hands, rounds, dealt = {}, {}, []
    for label in wanted.tolist():
        if not hands.get(label):
            number = rounds[label] = rounds.get(label, -1) + 1
            hands[label] = draw("class", label, number).permutation(np.flatnonzero(labels == label)).tolist()
        dealt.append(hands[label].pop(0))
    return dealt


@settings(max_examples=60, deadline=None)
@given(counts=COUNTS, seed=st.integers(0, 9))
def test_spread_equals_the_algorithm_in_fractions(counts, seed):
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    assert spread(labels).tolist() == naive_spread(labels)


@settings(max_examples=60, deadline=None)
@given(counts=COUNTS)
def test_every_prefix_of_spread_holds_each_share_give_or_take_the_paper_s_bound(counts):
    labels = np.repeat(np.arange(len(counts)), counts)
    held = np.cumsum(spread(labels)[:, None] == np.arange(len(counts)), axis=0)
    due = np.arange(1, len(labels) + 1)[:, None] * np.array(counts) / len(labels)
    assert np.abs(held - due).max() <= 1 - 1 / max(2 * len(counts) - 2, 2) + 1e-9
    np.testing.assert_array_equal(held[-1], counts)


@settings(max_examples=60, deadline=None)
@given(counts=COUNTS, length=st.integers(1, 200), seed=st.integers(0, 9))
def test_deal_equals_one_hand_per_class(counts, length, seed):
    labels = np.repeat(np.arange(len(counts)), counts)
    wanted = np.random.default_rng(seed).choice(labels, length)
    assert deal(wanted, labels, DRAW).tolist() == naive_deal(wanted, labels, DRAW)


def test_orders_that_deal_give_a_class_in_the_same_sequence():
    labels = np.arange(60) % 3
    ordered, mixed = by_label(labels, DRAW), deal(spread(labels), labels, DRAW)
    for label in range(3):
        np.testing.assert_array_equal(ordered[labels[ordered] == label], mixed[labels[mixed] == label])
