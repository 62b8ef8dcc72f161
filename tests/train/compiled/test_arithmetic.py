"""Pieces of the compiled arithmetic against PyTorch, where whole networks would not show a fault."""

import numpy as np
import pytest
import torch

from normshift.train.compiled import affine, normalisers
from normshift.train.compiled.compiling import entry


@entry
def moments_of(sample, mean, variance, rest):
    normalisers.batch_moments(sample, mean, variance, rest)


@entry
def scored(logits, labels, errors):
    return affine.cross_entropy(logits, labels, errors)


def moments(sample: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean, variance, rest = (np.empty(sample.shape[1], sample.dtype) for _ in range(3))
    moments_of(sample, mean, variance, rest)
    return mean, variance


@pytest.mark.parametrize("count", [2, 60, 1197, 60_000])
def test_moments_keep_their_precision_over_many_samples(count):
    sample = np.random.default_rng(0).normal(3, 1, (count, 5)).astype(np.float32)
    mean, variance = moments(sample)
    assert mean == pytest.approx(sample.astype(float).mean(0), rel=2e-7)
    assert variance == pytest.approx(sample.astype(float).var(0), rel=max(2e-6, 3e-10 * count))


@pytest.mark.parametrize("count", [41, 47, 60, 200, 1197])
def test_a_constant_unit_has_no_spread(count):
    for value in (1.0, 3.3, -0.7):
        mean, variance = moments(np.full((count, 3), value, np.float32))
        assert (np.sqrt(variance) <= 2e-7 * abs(value)).all()
        assert mean == pytest.approx(np.float32(value), rel=2e-7)
    assert (moments(np.ones((count, 3), np.float32))[1] == 0).all()


def test_cross_entropy_equals_pytorchs_ties_and_large_logits_included():
    logits = np.array([[1, 1, 0], [0, 2, 2], [90, -90, 0], [0.1, 0.2, 0.3]], np.float32)
    labels, errors = np.array([0, 2, 1, 2]), np.empty((4, 3), np.float32)
    loss, accuracy = scored(logits, labels, errors)
    leaf = torch.from_numpy(logits.copy()).requires_grad_()
    expected = torch.nn.functional.cross_entropy(leaf, torch.from_numpy(labels))
    expected.backward()
    assert loss == pytest.approx(expected.item(), rel=1e-6)
    assert errors == pytest.approx(leaf.grad.numpy(), abs=1e-7)
    assert accuracy == np.float32((leaf.argmax(1).numpy() == labels).mean())
