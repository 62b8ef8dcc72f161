"""Every distance between samples of a whole layer as its formula is printed, in plain Python; rows are examples."""

import itertools
import math
import statistics

import numpy as np
from scipy.optimize import minimize

from normshift.metrics.classifier_two_sample import FOLDS
from normshift.metrics.sliced_wasserstein import directions
from normshift.seeds import generator


def sigma(before, after):
    """Root of the mean variance, over units and over both samples."""
    variances = [statistics.pvariance(unit) for sample in (before, after) for unit in zip(*sample, strict=True)]
    return math.sqrt(statistics.fmean(variances)) or math.nan


def joint_energy_raw(before, after):
    def apart(left, right):
        return statistics.fmean(math.dist(x, y) for x in left for y in right)

    return 2 * apart(before, after) - apart(before, before) - apart(after, after)


def sliced_w2_raw(before, after):
    squares = []
    for line in directions(len(before[0])).T.tolist():
        seen = [
            sorted(sum(x * y for x, y in zip(row, line, strict=True)) for row in sample) for sample in (before, after)
        ]
        squares += [(x - y) ** 2 for x, y in zip(*seen, strict=True)]
    return math.sqrt(statistics.fmean(squares))


def mmd(before, after):
    size = len(before)
    width = statistics.median(math.dist(x, y) for x, y in itertools.combinations(before + after, 2))
    if size == 1 or width == 0:
        return math.nan

    def k(x, y):
        return math.exp(-(math.dist(x, y) ** 2) / (2 * width**2))

    def h(i, j):
        return k(before[i], before[j]) + k(after[i], after[j]) - k(before[i], after[j]) - k(before[j], after[i])

    return statistics.fmean(h(i, j) for i in range(size) for j in range(size) if i != j)


def cka(before, after):
    """HSIC of the two Gram matrices, centred on both sides, over the root of each one's with itself."""
    size = len(before)
    centring = np.eye(size) - np.full((size, size), 1 / size)
    grams = [centring @ np.array(sample) @ np.array(sample).T @ centring for sample in (before, after)]
    if any(len(set(map(tuple, sample))) == 1 for sample in (before, after)):
        return math.nan
    across, first, second = (np.trace(left @ right) for left, right in [grams, grams[:1] * 2, grams[1:] * 2])
    return across / math.sqrt(first * second)


def c2st(before, after):
    """Ridge regression by minimising |w|^2 + the squared distances from -1 and 1."""
    size = len(before)
    if size == 1:
        return math.nan
    pooled = np.array(before + after)
    units = (pooled - pooled.mean(axis=0)) / (pooled.std(axis=0) + (np.ptp(pooled, axis=0) == 0))
    features = np.hstack([units, units**2])
    fold = generator("folds of c2st", size).permutation(size) % min(FOLDS, size)
    right = []
    for i in range(size):
        learnt = [place for place in range(2 * size) if fold[place % size] != fold[i]]
        sign = np.array([-1 if place < size else 1 for place in learnt])

        def loss(w, learnt=learnt, sign=sign):
            return w[:-1] @ w[:-1] + ((sign - features[learnt] @ w[:-1] - w[-1]) ** 2).sum()

        w = minimize(loss, np.zeros(features.shape[1] + 1)).x
        right += [features[i] @ w[:-1] + w[-1] < 0, features[i + size] @ w[:-1] + w[-1] > 0]
    return statistics.fmean(right)


def _units(before):
    return math.sqrt(len(before[0]))


NAIVE = {
    "c2st": c2st,
    "cka": cka,
    "joint_energy_raw": joint_energy_raw,
    "joint_energy": lambda before, after: joint_energy_raw(before, after) / (sigma(before, after) * _units(before)),
    "mmd": mmd,
    "sliced_w2_raw": sliced_w2_raw,
    "sliced_w2": lambda before, after: sliced_w2_raw(before, after) / sigma(before, after),
}
