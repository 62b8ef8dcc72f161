import numpy as np
import pytest

LABELS = np.repeat(np.arange(4), [10, 20, 30, 40])
SHARES = np.array([0.1, 0.2, 0.3, 0.4])


def shares(stream, batch_size):
    batches = LABELS[stream].reshape(-1, batch_size)
    return np.stack([np.bincount(batch, minlength=4) for batch in batches]) / batch_size


@pytest.mark.parametrize("concentration", [0.05, 1.0, 50.0])
def test_label_shares_have_the_moments_of_a_dirichlet_multinomial(stream_of, concentration):
    m, batches = 20, 4000
    found = shares(stream_of("dirichlet", LABELS, m * batches, m, concentration=concentration), m)
    total = concentration * 4  # sum of alpha
    variance = SHARES * (1 - SHARES) / m * (m + total) / (1 + total)
    assert (np.abs(found.mean(axis=0) - SHARES) < 5 * np.sqrt(variance / batches)).all()
    np.testing.assert_allclose(found.var(axis=0), variance, rtol=0.12)


def test_a_large_concentration_gives_the_label_shares_of_drawing_with_replacement(stream_of):
    m = 20
    mixed = shares(stream_of("dirichlet", LABELS, m * 4000, m, concentration=1e6), m)
    independent = shares(stream_of("iid", LABELS, m * 4000, m), m)
    np.testing.assert_allclose(mixed.var(axis=0), independent.var(axis=0), rtol=0.12)


def test_a_small_concentration_gives_batches_of_one_label(stream_of):
    found = shares(stream_of("dirichlet", LABELS, 20 * 400, 20, concentration=1e-4), 20)
    assert (found.max(axis=1) == 1).mean() > 0.95


def test_a_class_uses_all_its_samples_before_one_comes_again(stream_of):
    stream = stream_of("dirichlet", LABELS, 2000, 20)
    for label, count in enumerate([10, 20, 30, 40]):
        used = stream[LABELS[stream] == label][:count]
        np.testing.assert_array_equal(np.sort(used), np.flatnonzero(LABELS == label))
