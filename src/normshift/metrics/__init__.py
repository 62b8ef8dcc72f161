"""Shift metrics: on arrays, over any leading axes, without torch.

Distances are ``(before, after) -> distance`` between two equally long samples. `REGISTRY` holds those of one unit,
(..., sample) in ascending order; `JOINT` those of a whole layer, (..., sample, unit), the same examples in the same
rows. Two of `JOINT` are no distances: of equal samples `cka` is 1, `c2st` .5.

A sample with a NaN in it is at distance NaN. So is what is in sigma where sigma is 0: a constant unit and a single
example have no scale.
"""

from normshift.metrics.block_mean import block_mean
from normshift.metrics.classifier_two_sample import c2st
from normshift.metrics.decomposition import decomposition
from normshift.metrics.displacement import displacement
from normshift.metrics.energy import energy, energy_raw
from normshift.metrics.fluctuation import fluctuation
from normshift.metrics.horizon import horizon
from normshift.metrics.jensen_shannon import jensen_shannon
from normshift.metrics.joint_energy import joint_energy, joint_energy_raw
from normshift.metrics.kernel_alignment import cka
from normshift.metrics.kolmogorov_smirnov import ks
from normshift.metrics.maximum_mean_discrepancy import bandwidth, mmd
from normshift.metrics.mean_shift import mean_shift, mean_shift_raw
from normshift.metrics.path_length import path_length
from normshift.metrics.population_stability import psi
from normshift.metrics.quantile_band import quantile_band
from normshift.metrics.sd_shift import sd_shift
from normshift.metrics.sigma import pooled_sigma, spread
from normshift.metrics.sliced_wasserstein import sliced_w2, sliced_w2_raw
from normshift.metrics.wasserstein_1 import w1, w1_raw
from normshift.metrics.wasserstein_2 import w2, w2_raw
from normshift.metrics.wasserstein_2_parts import shares, wasserstein_2_parts

__all__ = [
    "bandwidth",
    "block_mean",
    "decomposition",
    "displacement",
    "fluctuation",
    "horizon",
    "path_length",
    "pooled_sigma",
    "quantile_band",
    "shares",
    "spread",
    "wasserstein_2_parts",
]

REGISTRY = {
    "energy": energy,
    "energy_raw": energy_raw,
    "jensen_shannon": jensen_shannon,
    "ks": ks,
    "mean_shift": mean_shift,
    "mean_shift_raw": mean_shift_raw,
    "psi": psi,
    "sd_shift": sd_shift,
    "w1": w1,
    "w1_raw": w1_raw,
    "w2": w2,
    "w2_raw": w2_raw,
}

JOINT = {
    "c2st": c2st,
    "cka": cka,
    "joint_energy": joint_energy,
    "joint_energy_raw": joint_energy_raw,
    "mmd": mmd,
    "sliced_w2": sliced_w2,
    "sliced_w2_raw": sliced_w2_raw,
}
