"""Shift metrics: on arrays, over any leading axes, without torch.

Distances are ``(before, after) -> distance`` between two equally long samples. `REGISTRY` holds those of one unit,
(..., sample) in ascending order; `JOINT` those of a whole layer, (..., sample, unit), the same examples in the same
rows. Two of `JOINT` are no distances: of equal samples `cka` is 1, `c2st` .5. Between different examples most are above
0 although nothing has shifted: `null` says by how much.

A sample with a NaN in it is at distance NaN. So is what is in sigma where sigma is 0: a constant unit and a single
example have no scale.
"""

from normshift.metrics.band_exit import band_exit
from normshift.metrics.block_mean import block_mean
from normshift.metrics.classifier_two_sample import c2st
from normshift.metrics.decomposition import decomposition
from normshift.metrics.diffusion_exponent import diffusion_exponent, mean_squared_displacement
from normshift.metrics.displacement import displacement
from normshift.metrics.drift_to_noise import drift_to_noise
from normshift.metrics.edge import edge
from normshift.metrics.effective_rate import effective_rate, norm_growth_residual, relative_step
from normshift.metrics.energy import energy, energy_raw
from normshift.metrics.examples import example_share, examples
from normshift.metrics.fluctuation import fluctuation
from normshift.metrics.gauge_fixed import gauge_fixed
from normshift.metrics.gradient_shift import gradient_shift
from normshift.metrics.horizon import horizon
from normshift.metrics.jensen_shannon import jensen_shannon
from normshift.metrics.joint_energy import joint_energy, joint_energy_raw
from normshift.metrics.kernel_alignment import cka
from normshift.metrics.kolmogorov_smirnov import ks
from normshift.metrics.landscape import loss_variation, predictiveness, smoothness
from normshift.metrics.maximum_mean_discrepancy import bandwidth, mmd
from normshift.metrics.mean_between import mean_between
from normshift.metrics.mean_shift import mean_shift, mean_shift_raw
from normshift.metrics.null import null
from normshift.metrics.path_length import path_length
from normshift.metrics.population_stability import psi
from normshift.metrics.quantile_band import quantile_band
from normshift.metrics.random_walk import random_walk
from normshift.metrics.remaining import remaining
from normshift.metrics.sd_shift import sd_shift, sd_shift_raw
from normshift.metrics.settling import settling, settling_null, settling_share
from normshift.metrics.sigma import pooled_sigma, spread
from normshift.metrics.signal_to_noise import signal_to_noise
from normshift.metrics.sliced_wasserstein import sliced_w2, sliced_w2_raw
from normshift.metrics.t_90 import t_90
from normshift.metrics.tortuosity import tortuosity
from normshift.metrics.unit_distances import DISTANCES, unit_distances
from normshift.metrics.wasserstein_1 import w1, w1_raw
from normshift.metrics.wasserstein_2 import w2, w2_raw
from normshift.metrics.wasserstein_2_parts import shares, wasserstein_2_parts

__all__ = [
    "DISTANCES",
    "band_exit",
    "bandwidth",
    "block_mean",
    "decomposition",
    "diffusion_exponent",
    "displacement",
    "drift_to_noise",
    "edge",
    "effective_rate",
    "example_share",
    "examples",
    "fluctuation",
    "gauge_fixed",
    "gradient_shift",
    "horizon",
    "loss_variation",
    "mean_between",
    "mean_squared_displacement",
    "norm_growth_residual",
    "null",
    "path_length",
    "pooled_sigma",
    "predictiveness",
    "quantile_band",
    "random_walk",
    "relative_step",
    "remaining",
    "settling",
    "settling_null",
    "settling_share",
    "shares",
    "signal_to_noise",
    "smoothness",
    "spread",
    "t_90",
    "tortuosity",
    "unit_distances",
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
    "sd_shift_raw": sd_shift_raw,
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
