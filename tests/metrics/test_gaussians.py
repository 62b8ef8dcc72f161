"""Distances between Gaussians of one unit, whose closed forms are known."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from normshift.metrics import REGISTRY
from normshift.metrics.quantile_bins import BINS, PRIOR

SIZE = 200_000


def _energy(mean, sd):
    """Folded normal laws: X - Y is normal, and so are X - X' and Y - Y'."""
    return 2 * norm(mean, math.hypot(1, sd)).expect(abs) - 2 / math.sqrt(math.pi) * (1 + sd)


def _ks(mean, sd):
    """The distribution functions part most where the densities meet."""
    meet = np.roots([1 / sd**2 - 1, -2 * mean / sd**2, mean**2 / sd**2 + 2 * math.log(sd)])
    return np.abs(norm.cdf(meet) - norm.cdf(meet, mean, sd)).max()


def _masses(mean, sd):
    counts = np.diff(np.round(SIZE * norm.cdf(norm.ppf(np.arange(BINS + 1) / BINS), mean, sd)))
    return np.full(BINS, 1 / BINS), (counts + PRIOR) / (SIZE + BINS * PRIOR)


def _psi(mean, sd):
    p, q = _masses(mean, sd)
    return ((p - q) * np.log(p / q)).sum()


def _jensen_shannon(mean, sd):
    """Entropy of the mixture minus the mean of the entropies."""
    p, q = _masses(mean, sd)
    entropies = [-(masses * np.log(masses)).sum() for masses in (p, q, (p + q) / 2)]
    return entropies[2] - (entropies[0] + entropies[1]) / 2


@pytest.mark.parametrize(("mean", "sd"), [(0.5, 1.0), (0.0, 2.0), (-1.5, 0.4)])
def test_closed_forms_for_gaussians(mean, sd):
    before = norm.ppf((np.arange(SIZE) + 0.5) / SIZE)
    after = mean + sd * before
    pooled = math.sqrt((1 + sd**2) / 2)
    difference = norm(mean, abs(sd - 1))  # of order statistics
    w1 = abs(mean) if sd == 1 else difference.expect(abs)
    expected = {
        "energy_raw": _energy(mean, sd),
        "energy": _energy(mean, sd) / pooled,
        "jensen_shannon": _jensen_shannon(mean, sd),
        "ks": _ks(mean, sd),
        "mean_shift_raw": abs(mean),
        "mean_shift": abs(mean) / pooled,
        "psi": _psi(mean, sd),
        "sd_shift": abs(math.log(sd)),
        "sd_shift_raw": abs(sd - 1),
        "w1_raw": w1,
        "w1": w1 / pooled,
        "w2_raw": math.hypot(mean, sd - 1),
        "w2": math.hypot(mean, sd - 1) / pooled,
    }
    found = {name: REGISTRY[name](before, after) for name in REGISTRY}
    assert found == pytest.approx(expected, rel=1e-3, abs=1e-9)
