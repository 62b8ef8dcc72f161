"""Where a linear network under batch norm ends, by closed form and by training."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression

from normshift import seeds
from normshift.observe.distortion import excess, normalised, optima, optimum, period
from normshift.params import Cell, Model, Norm, Optimizer, Order, Schedule
from normshift.train.loop import train
from normshift.train.samples import Shuffled

SAMPLES, INPUTS, CLASSES, BATCH, EPS, STEPS = 48, 8, 2, 24, 1e-5, 3000
HELD = 8  # in each held-out set, which the loop wants to have


def draw(*names) -> np.random.Generator:
    return seeds.generator(0, "distortion", *names)


def data(steps: int = STEPS) -> Shuffled:
    """Labels that one input says something about; the same batches for ever, new ones each epoch, and one of all."""
    labels = np.tile(np.arange(CLASSES), SAMPLES)[: SAMPLES + 3 * HELD]
    inputs = draw("inputs").standard_normal((len(labels), INPUTS)).astype(np.float32)
    inputs[:, 0] += 0.5 * labels
    places = np.split(np.arange(len(labels), dtype=np.int32), SAMPLES + HELD * np.arange(3))
    splits = {f"{name}_0": part for name, part in zip(("train", "test", "probe", "second"), places, strict=True)}
    splits |= {"subset_0": np.arange(HELD, dtype=np.int32), "shape": np.array([INPUTS])}
    splits |= {"center_0": np.zeros(INPUTS, np.float32), "scale_0": np.ones(INPUTS, np.float32)}
    epochs = [draw("epoch", number).permutation(SAMPLES) for number in range(steps * BATCH // SAMPLES)]
    streams = {("single", BATCH): [epochs[0]] * len(epochs), ("reshuffle", BATCH): epochs}
    streams |= {("reshuffle", SAMPLES): [np.arange(SAMPLES)] * steps}
    made = {key: {"seed_0": np.concatenate(parts).astype(np.int32)} for key, parts in streams.items()}
    return Shuffled(inputs, labels, splits, made)


DATA = data()
U, LABELS = DATA.standardised(DATA.part("train", 0), 0).astype(float), DATA.labels[:SAMPLES]
SINGLE = DATA.streams["single", BATCH]["seed_0"][:SAMPLES].reshape(-1, BATCH)
FULL, DISTORTED = optima(U, LABELS, CLASSES, SINGLE, EPS)


def loss(matrix: np.ndarray, batches: np.ndarray) -> float:
    """The mean squared distance of W x from one-hot labels, sample by sample."""
    distances = []
    for batch in batches:
        mean, sd = U[batch].mean(0), np.sqrt(U[batch].var(0) + EPS)
        for sample in batch:
            error = matrix @ ((U[sample] - mean) / sd) - np.eye(CLASSES)[LABELS[sample]]
            distances.append(error @ error)
    return float(np.mean(distances))


WHOLE = np.arange(SAMPLES)[None]


@pytest.mark.parametrize(("best", "batches"), [(FULL, WHOLE), (DISTORTED, SINGLE)])
def test_an_optimum_equals_the_printed_formula_and_nothing_beside_it_is_better(best, batches):
    x = np.concatenate([(U[batch] - U[batch].mean(0)) / np.sqrt(U[batch].var(0) + EPS) for batch in batches]).T
    y = np.eye(CLASSES)[LABELS[batches.ravel()]].T
    np.testing.assert_allclose(best, y @ x.T @ np.linalg.inv(x @ x.T), atol=1e-12)
    least = loss(best, batches)
    for number in range(5):
        assert loss(best + 1e-3 * draw("beside", number).standard_normal(best.shape), batches) > least


@pytest.mark.parametrize(("best", "batches"), [(FULL, WHOLE), (DISTORTED, SINGLE)])
def test_a_constant_learnt_beside_it_changes_no_optimum(best, batches):
    rows = normalised(U, batches, EPS).reshape(-1, INPUTS)
    fitted = LinearRegression().fit(rows, np.eye(CLASSES)[LABELS[batches.ravel()]])
    np.testing.assert_allclose(best, fitted.coef_, atol=1e-12)


def test_normalising_is_that_of_pytorch():
    batch = torch.nn.BatchNorm1d(INPUTS, eps=EPS, affine=False, dtype=torch.float64)
    for found, places in zip(normalised(U, SINGLE, EPS), SINGLE, strict=True):
        np.testing.assert_allclose(found, batch(torch.from_numpy(U[places])).numpy(), atol=1e-12)


def test_excess_is_the_difference_of_two_losses_and_leading_axes_equal_a_loop():
    matrices = draw("matrices").standard_normal((2, 3, CLASSES, INPUTS))
    found = excess(matrices, FULL, U, EPS)
    for place in np.ndindex(2, 3):
        assert found[place] == pytest.approx(loss(matrices[place], WHOLE) - loss(FULL, WHOLE))
    assert excess(FULL, FULL, U, EPS) == 0 and excess(DISTORTED, FULL, U, EPS) > 1e-3


def test_where_inputs_are_redundant_the_smallest_optimum_is_taken():
    twice = np.concatenate([U, U[:, :1], np.ones((SAMPLES, 1))], axis=1)
    x, y = normalised(twice, WHOLE, EPS), np.eye(CLASSES)[LABELS][None]
    found = optimum(x, y)
    assert found[:, 0] == pytest.approx(found[:, -2]) and found[:, -1] == pytest.approx(0)
    assert 2 * found[:, 0] == pytest.approx(FULL[:, 0])


@pytest.mark.parametrize(("samples", "size", "batches"), [(48, 24, 2), (1197, 60, 399), (1197, 57, 21), (7, 7, 1)])
def test_a_single_shuffle_repeats_after_its_period_and_not_before(samples, size, batches):
    assert period(samples, size) == batches
    stream = np.tile(draw("period").permutation(samples), 2 * size)[: 2 * batches * size].reshape(-1, size)
    assert (stream[:batches] == stream[batches:]).all()
    assert not any((stream[0] == other).all() for other in stream[1:batches])


def trained(order: str, batch_size: int, norm: Norm, lr: float = 0.05) -> np.ndarray:
    """Return W diag(gamma) after training, its rate falling to nothing."""
    model = Model("linear", "linear", 1, INPUTS, "identity", "squared")
    how = (Optimizer("sgd", "sgd"), Schedule("cosine", "cosine"), Order(order, order))
    one = Cell("made up", model, norm, *how, "clean", batch_size, lr, STEPS, 0)
    _, ended = train([one], DATA, "serial", dtype=torch.float64, observing=False)
    gamma = ended["hidden.0.affine.gamma"][0]
    return (ended["hidden.0.linear.weight"][0] * gamma).numpy()


def apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.linalg.norm(one - other) / np.linalg.norm(other))


@pytest.mark.slow
@pytest.mark.parametrize("norm", [Norm("frozen", "batch", False, False), Norm("gamma", "batch", True, False)])
def test_single_shuffle_ends_at_the_distorted_optimum_and_all_samples_in_one_batch_at_the_true_one(norm):
    assert apart(DISTORTED, FULL) > 0.1
    assert apart(trained("single", BATCH, norm), DISTORTED) < 0.01
    assert apart(trained("reshuffle", SAMPLES, norm), FULL) < 0.01


@pytest.mark.slow
def test_reshuffling_ends_near_the_true_optimum_by_a_tenth_of_the_distortion():
    """Its own optimum, over all permutations, is a little off too: each batch's variance is not that of all samples."""
    reshuffled = trained("reshuffle", BATCH, Norm("frozen", "batch", False, False), lr=0.01)
    assert excess(reshuffled, FULL, U, EPS) < 0.1 * excess(DISTORTED, FULL, U, EPS)
