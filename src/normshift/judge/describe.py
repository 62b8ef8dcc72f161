"""Description of the seeds' effects beside the verdict. Nothing here decides (DESIGN section 6)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from normshift.judge.rule import needed
from normshift.params import Rules

CONFIDENCE = 0.95
POWER = 0.9  # with which `detectable` would have been decided
MOST = 40  # pairs up to which all sign flips are counted: 2**20 sums a half


@dataclass(frozen=True)
class Description:
    """Summary of one part's effects over the seeds that have one; what cannot be computed is NaN."""

    seeds: int
    missing: int
    median: float
    mean: float
    low: float
    high: float
    sd: float
    p: float
    detectable: float


def described(effects: ArrayLike, margin: float, rules: Rules) -> Description:
    """Return median, mean, t interval, sd, exact sign-flip p and smallest detectable effect (see `detectable`)."""
    effects = np.asarray(effects, dtype=float)
    present = effects[np.isfinite(effects)]
    missing = len(effects) - len(present)
    if not len(present):
        return Description(len(effects), missing, *[math.nan] * 7)
    sd = float(np.std(present, ddof=1)) if len(present) > 1 else math.nan
    low, high = interval(present)
    mean, median = float(np.mean(present)), float(np.median(present))
    reach = detectable(sd, margin, len(effects), missing, rules)
    return Description(len(effects), missing, median, mean, low, high, sd, sign_flip(present), reach)


def interval(effects: np.ndarray) -> tuple[float, float]:
    """Return Student's 95 % interval of the mean; one value alone has none."""
    n = len(effects)
    if n < 2:
        return math.nan, math.nan
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1)) * float(np.std(effects, ddof=1)) / math.sqrt(n)
    return float(np.mean(effects)) - reach, float(np.mean(effects)) + reach


def sign_flip(effects: np.ndarray) -> float:
    """Return the exact two-sided p of the mean over all 2**n sign flips: the share with |sum| at least the observed.

    Sums of the two halves are counted separately and matched by sorting, so that 2**n is never formed.
    """
    n = len(effects)
    if not 0 < n <= MOST:
        return math.nan
    one, other = _sums(effects[: n // 2]), np.sort(_sums(effects[n // 2 :]))
    # Flips whose sum equals the observed one up to rounding are as extreme as it.
    bound = abs(float(np.sum(effects))) - 1e-12 * float(np.sum(np.abs(effects)))
    if bound <= 0:
        return 1.0
    above = len(other) - np.searchsorted(other, bound - one, side="left")
    below = np.searchsorted(other, -bound - one, side="right")
    return float(np.sum(above) + np.sum(below)) / 2.0**n


def _sums(effects: np.ndarray) -> np.ndarray:
    sums = np.zeros(1)
    for effect in effects:
        sums = np.concatenate([sums + effect, sums - effect])
    return sums


def detectable(sd: float, margin: float, seeds: int, missing: int, rules: Rules) -> float:
    """Return the mean of normal effects that the rule would find beyond the margin with probability `POWER`.

    k(n) of n must lie above the margin, so each must with the probability p that P(Bin(n, p) >= k) = `POWER`:
    margin + z(p) sd. With 12 seeds p = .9^(1/12) and z = 2.38: twice the margin is found if sd <= .42 margins.
    Missing values count against; where they leave too few seeds no effect is large enough: NaN.
    """
    k, present = needed(seeds, rules.tail), seeds - missing
    if seeds < rules.seeds or not 0 < k <= present:
        return math.nan
    each = float(stats.beta.ppf(POWER, k, present - k + 1))
    return margin + sd * float(stats.norm.ppf(each))


def holm(values: Mapping[str, float]) -> dict[str, float]:
    """Return Holm's step-down adjusted p values (Holm 1979); claims without one stay so and leave the family."""
    family = sorted((p, name) for name, p in values.items() if not math.isnan(p))
    adjusted = dict.fromkeys(values, math.nan)
    largest = 0.0
    for rank, (p, name) in enumerate(family):
        largest = max(largest, min(1.0, (len(family) - rank) * p))
        adjusted[name] = largest
    return adjusted
