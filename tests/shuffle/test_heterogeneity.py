import numpy as np
import pytest

from normshift.params import Order
from normshift.seeds import generator
from normshift.shuffle.orders import REGISTRY
from normshift.shuffle.tables import between, expected, heterogeneity

LABELS = np.repeat(np.arange(4), [10, 20, 30, 40])
INPUTS = np.random.default_rng(0).gamma(2.0, size=(100, 3)) + LABELS[:, None]


@pytest.mark.parametrize("batch_size", [1, 7, 60, 99])
@pytest.mark.parametrize("values", [INPUTS, (LABELS[:, None] == np.arange(4)).astype(float)], ids=["inputs", "labels"])
def test_expectation_is_what_independent_random_batches_show(values, batch_size):
    rng = np.random.default_rng(1)
    batches = [rng.choice(100, batch_size, replace=False) for _ in range(20_000)]
    assert between(values, batches) == pytest.approx(expected(values, batch_size), rel=0.03)


def test_batches_of_everything_do_not_vary():
    assert expected(INPUTS, 100) == 0
    assert between(INPUTS, np.arange(100)[None]) == pytest.approx(0, abs=1e-25)


def test_variance_equals_the_formula_written_out():
    batches = np.array([[0, 1], [2, 3], [0, 3]])
    total = 0.0
    for column in range(3):
        for batch in batches:
            total += (sum(INPUTS[i, column] for i in batch) / 2 - sum(INPUTS[:, column]) / 100) ** 2 / 3 / 3
    assert between(INPUTS, batches) == pytest.approx(total)


def test_label_shares_of_pure_batches_have_the_largest_variance():
    stream = np.concatenate([np.arange(10), np.arange(10, 100)])
    table = heterogeneity(stream, 10, LABELS, INPUTS).set_index("quantity")
    shares = np.array([0.1, 0.2, 0.3, 0.4])
    assert table.measured["label_share"] == pytest.approx((shares * (1 - shares)).mean())


def test_orders_rank_as_they_should_and_reshuffling_is_as_random_batches():
    labels = np.arange(1197) % 10
    inputs = np.random.default_rng(0).normal(size=(1197, 4)) + labels[:, None]
    ratio = {}
    for kind, order in REGISTRY.items():
        stream = order(labels, 60_000, 60, Order(kind, kind, 300, 1.0), lambda *names: generator(0, *names))
        table = heterogeneity(stream, 60, labels, inputs)
        ratio[kind] = table.measured / table.expected
    for row in range(2):
        assert ratio["reshuffle"][row] == pytest.approx(1, abs=0.15)
        assert ratio["iid"][row] == pytest.approx(1196 / 1137, abs=0.15)
        rising = [ratio[kind][row] for kind in ("stratified", "reshuffle", "buffer", "sorted", "blocked")]
        assert rising == sorted(rising)
    assert ratio["stratified"][0] < 0.05
    assert ratio["dirichlet"][0] > 3
