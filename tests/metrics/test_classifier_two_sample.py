import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import KFold, PredefinedSplit, cross_val_predict
from sklearn.preprocessing import StandardScaler

from normshift.metrics import JOINT
from normshift.metrics.classifier_two_sample import FOLDS
from normshift.seeds import generator

from .naive_joint import NAIVE

c2st = JOINT["c2st"]
seeds = st.integers(0, 1000)


def _normal(seed, size=200, units=4):
    return np.random.default_rng(seed).normal(size=(2, size, units))


def _cross_validated(before, after, folds):
    """Accuracy on every unit and its square, by scikit-learn's own cross-validation."""
    units = StandardScaler().fit_transform(np.concatenate([before, after]))
    late = np.repeat([0, 1], len(before))
    model = RidgeClassifier()
    return (cross_val_predict(model, np.hstack([units, units**2]), late, cv=folds) == late).mean()


@settings(max_examples=8)
@given(seed=seeds, size=st.integers(2, 14))
def test_accuracy_equals_its_naive_twin(seed, size):
    before, move = _normal(seed, size, 2)
    assert c2st(before, before + move) == pytest.approx(NAIVE["c2st"](before.tolist(), (before + move).tolist()))


@settings(max_examples=10)
@given(seed=seeds, shift=st.sampled_from([0.0, 0.3, 1.0]))
def test_accuracy_equals_scikit_learns_cross_validation(seed, shift):
    before, move = _normal(seed, 50)
    fold = generator("folds of c2st", 50).permutation(50) % FOLDS
    pair = before, before + shift + 0.3 * move
    assert c2st(*pair) == pytest.approx(_cross_validated(*pair, PredefinedSplit(np.tile(fold, 2))))


def test_an_example_whose_versions_are_kept_apart_misleads():
    before, _ = _normal(0, 100, 40)
    assert c2st(before, before) == 0.5
    assert _cross_validated(before, before, KFold(FOLDS, shuffle=True, random_state=0)) < 0.4


@settings(max_examples=10)
@given(seed=seeds)
def test_neither_which_comes_first_nor_a_change_of_units_matters(seed):
    before, move = _normal(seed, 60)
    after = before + 0.5 + 0.5 * move
    assert c2st(before, after) == c2st(after, before)
    scale, origin = np.array([-2.0, 1, 30, 0.1]), np.array([5.0, 0, -100, 1])
    assert c2st(before * scale + origin, after * scale + origin) == c2st(before, after)


def test_means_and_spreads_are_seen_and_dependence_is_not():
    before, others = _normal(0, 400, 2)
    assert c2st(before, before + 1) > 0.65
    assert c2st(before, 2 * before) > 0.65
    dependent = np.stack([others[:, 0], 0.9 * others[:, 0] + np.sqrt(0.19) * others[:, 1]], axis=1)
    assert abs(c2st(before, dependent) - 0.5) < 0.05
    assert c2st(before, before + 20) == 1


@pytest.mark.parametrize("line_up", ["sorted", "in turn"])
def test_rows_in_the_order_of_their_classes_empty_no_fold_of_a_class(line_up):
    """Every class moves in a unit of its own, so one that is never learnt cannot be told."""
    classes = np.repeat(np.arange(10), 20) if line_up == "sorted" else np.tile(np.arange(10), 20)
    move = np.eye(10)[classes]
    before = 5 * move + 0.2 * _normal(0, units=10)[0]
    assert c2st(before, before + move) > 0.9
