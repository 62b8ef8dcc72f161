"""Where batches that never change lead a linear network under batch norm (Wu, Yun & Sra 2023, arXiv:2302.12444).

Of ``f(u) = M x``, ``M = W diag(gamma)``, x the batch-normalised u, by squared distance from one-hot labels, a mean
over samples. In every batch x has mean 0, so M is the same whether or not a constant, ``W beta``, is learnt.
"""

import math

import numpy as np
from numpy.typing import NDArray


def period(samples: int, batch_size: int) -> int:
    """Return after how many batches a stream that repeats one permutation, cut without a gap, repeats its batches."""
    return samples // math.gcd(samples, batch_size)


def normalised(inputs: NDArray, batches: NDArray, eps: float) -> NDArray:
    """Return inputs (sample, input) normalised by the batches (batch, place) they are in: (batch, place, input).

    ``(u - mean_B(u)) / sqrt(var_B(u) + eps)`` (Ioffe & Szegedy 2015, Alg. 1).
    """
    found = inputs[batches].astype(np.float64)
    found -= found.mean(axis=1, keepdims=True)
    return found / np.sqrt(np.square(found).mean(axis=1, keepdims=True) + eps)


def optimum(normalised: NDArray, targets: NDArray) -> NDArray:
    """Return M of the least squared loss over all batches, of these the smallest: (..., input), (..., class) -> M.

    M is (class, input), ``Y X' (X X')^-1`` where X has full rank: of one batch of all samples what full-batch training
    minimises, of the batches of a single shuffle's `period` the distorted optimum (section 3).
    """
    rows = normalised.reshape(-1, normalised.shape[-1])
    solution, *_ = np.linalg.lstsq(rows, targets.reshape(len(rows), -1), rcond=None)
    return solution.T


def optima(inputs: NDArray, labels: NDArray, classes: int, batches: NDArray, eps: float) -> tuple[NDArray, NDArray]:
    """Return M of full-batch batch norm and M of the loss over these batches, (class, input) each.

    ``inputs`` (sample, input) and ``labels`` (sample) are the training split's, ``batches`` (batch, place) a `period`.
    """
    targets, whole = np.eye(classes)[labels], np.arange(len(labels))[None]
    full, own = (optimum(normalised(inputs, cut, eps), targets[cut]) for cut in (whole, batches))
    return full, own


def excess(matrix: NDArray, best: NDArray, inputs: NDArray, eps: float) -> NDArray:
    """Return by how much full-batch loss is above its least, that of ``best``: (..., class, input) -> (...).

    ``mean |(M - best) x|^2``, for the residual of ``best`` is orthogonal to every x (the normal equations).
    """
    (whole,) = normalised(inputs, np.arange(len(inputs))[None], eps)
    return np.square((matrix - best) @ whole.T).sum(axis=-2).mean(axis=-1)
