"""Classifier two-sample test: can one tell before from after?"""

import numpy as np
from numpy.typing import NDArray

from normshift.metrics.sigma import spread
from normshift.seeds import generator

FOLDS = 5


def c2st(before: NDArray, after: NDArray) -> NDArray:
    """Return the held-out accuracy of telling before from after: (..., sample, unit) twice, rows paired -> (...).

    .5 is indistinguishable; it saturates at 1 (Lopez-Paz & Oquab 2017). Ridge regression of -1 and 1 on standardised
    units and their squares, so that it sees means and spreads, not dependence; least squares, for they have a closed
    form (logistic regression took fifty times as long). Both versions of an example are in one fold: a classifier that
    has seen one would take the other, which lies close by, for it, and fall below .5 when nothing has moved. NaN for a
    single example: none is left to learn from.
    """
    return _each(before, after)


def _accuracy(before: NDArray, after: NDArray) -> float:
    size = len(before)
    pooled = np.concatenate([before, after])
    if size < 2 or np.isnan(pooled).any():
        return np.nan
    features, late = _features(pooled), np.repeat([False, True], size)
    folds = min(FOLDS, size)
    # Drawn, because rows may stand in the order of their classes, or go round them.
    fold = np.tile(generator("folds of c2st", size).permutation(size) % folds, 2)
    right = 0
    for held_out in (fold == number for number in range(folds)):
        weights, offset = _ridge(features[~held_out], np.where(late[~held_out], 1.0, -1.0))
        right += ((features[held_out] @ weights + offset > 0) == late[held_out]).sum()
    return right / len(pooled)


def _ridge(features: NDArray, target: NDArray) -> tuple[NDArray, float]:
    """Return weights w and offset b of least ``|target - X w - b|^2 + |w|^2``."""
    centre, level = features.mean(axis=0), target.mean()
    centred = features - centre
    weights = np.linalg.solve(centred.T @ centred + np.eye(features.shape[1]), centred.T @ (target - level))
    return weights, level - centre @ weights


def _features(pooled: NDArray) -> NDArray:
    """Return standardised units and their squares: no label enters, so held-out rows may."""
    sd = spread(pooled.T)
    units = (pooled - pooled.mean(axis=0)) / np.where(sd == 0, 1.0, sd)
    return np.concatenate([units, np.square(units)], axis=1)


_each = np.vectorize(_accuracy, signature="(n,d),(n,d)->()", otypes=[float])
