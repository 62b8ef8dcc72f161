"""Every distance between samples of one unit as its formula is printed, in plain Python."""

import itertools
import math
import statistics
from fractions import Fraction

from normshift.metrics.quantile_bins import BINS


def sigma(before, after):
    pooled = math.sqrt((statistics.pvariance(before) + statistics.pvariance(after)) / 2)
    return pooled if pooled > 0 else math.nan


def mean_shift_raw(before, after):
    return abs(statistics.fmean(after) - statistics.fmean(before))


def sd_shift(before, after):
    sds = statistics.pstdev(before), statistics.pstdev(after)
    return abs(math.log(sds[1] / sds[0])) if min(sds) > 0 else math.nan


def sd_shift_raw(before, after):
    return abs(statistics.pstdev(after) - statistics.pstdev(before))


def transport(before, after, power):
    """Cheapest way of moving one sample onto the other, by trying every assignment (Monge)."""
    ways = itertools.permutations(after)
    return min(statistics.fmean(abs(x - y) ** power for x, y in zip(before, way, strict=True)) for way in ways)


def energy_raw(before, after):
    def apart(left, right):
        return statistics.fmean(abs(x - y) for x in left for y in right)

    return 2 * apart(before, after) - apart(before, before) - apart(after, after)


def _reached(sample, value):
    return Fraction(sum(each <= value for each in sample), len(sample))


def ks(before, after):
    return float(max(abs(_reached(before, value) - _reached(after, value)) for value in before + after))


def masses(before, after):
    """Half an example, and every example that lies above the last bin's end and not above the own one's."""
    if len(set(before)) == 1:
        return [(math.nan, math.nan)]
    ends = [min(x for x in before if _reached(before, x) >= Fraction(k, BINS)) for k in range(1, BINS)]
    bins = itertools.pairwise([-math.inf, *ends, math.inf])
    total = len(before) + BINS / 2
    return [tuple((0.5 + sum(low < x <= high for x in each)) / total for each in (before, after)) for low, high in bins]


def jensen_shannon(before, after):
    bins = masses(before, after)
    return sum(p * math.log(2 * p / (p + q)) + q * math.log(2 * q / (p + q)) for p, q in bins) / 2


def psi(before, after):
    return sum((p - q) * math.log(p / q) for p, q in masses(before, after))


NAIVE = {
    "energy_raw": energy_raw,
    "energy": lambda before, after: energy_raw(before, after) / sigma(before, after),
    "jensen_shannon": jensen_shannon,
    "ks": ks,
    "mean_shift_raw": mean_shift_raw,
    "mean_shift": lambda before, after: mean_shift_raw(before, after) / sigma(before, after),
    "psi": psi,
    "sd_shift": sd_shift,
    "sd_shift_raw": sd_shift_raw,
    "w1_raw": lambda before, after: transport(before, after, 1),
    "w1": lambda before, after: transport(before, after, 1) / sigma(before, after),
    "w2_raw": lambda before, after: math.sqrt(transport(before, after, 2)),
    "w2": lambda before, after: math.sqrt(transport(before, after, 2)) / sigma(before, after),
}
