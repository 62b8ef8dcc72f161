"""Shift metrics: pure NumPy on arrays, over any leading axes.

`REGISTRY` holds the distances between two equally long samples (last axis, sorted): ``(before, after) -> distance``.
What is in sigma is NaN where sigma is 0: a constant unit has no scale.
"""

from normshift.metrics.band_exit import band_exit
from normshift.metrics.block_mean import block_mean
from normshift.metrics.decomposition import decomposition
from normshift.metrics.diffusion_exponent import diffusion_exponent, mean_squared_displacement
from normshift.metrics.displacement import displacement
from normshift.metrics.edge import edge
from normshift.metrics.effective_rate import effective_rate, norm_growth_residual, relative_step
from normshift.metrics.examples import example_share, examples
from normshift.metrics.fluctuation import fluctuation
from normshift.metrics.gauge_fixed import gauge_fixed
from normshift.metrics.gradient_shift import gradient_shift
from normshift.metrics.horizon import horizon
from normshift.metrics.landscape import loss_variation, predictiveness, smoothness
from normshift.metrics.mean_shift import mean_shift, mean_shift_raw
from normshift.metrics.path_length import path_length
from normshift.metrics.quantile_band import quantile_band
from normshift.metrics.random_walk import random_walk
from normshift.metrics.sd_shift import sd_shift
from normshift.metrics.settling import settling, settling_null, settling_share
from normshift.metrics.sigma import pooled_sigma, spread
from normshift.metrics.signal_to_noise import signal_to_noise
from normshift.metrics.t_90 import t_90
from normshift.metrics.tortuosity import tortuosity
from normshift.metrics.wasserstein_1 import w1, w1_raw
from normshift.metrics.wasserstein_2 import w2, w2_raw
from normshift.metrics.wasserstein_2_parts import shares, wasserstein_2_parts

__all__ = [
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
    "band_exit",
    "diffusion_exponent",
    "edge",
    "effective_rate",
    "example_share",
    "examples",
    "gauge_fixed",
    "gradient_shift",
    "loss_variation",
    "mean_squared_displacement",
    "norm_growth_residual",
    "predictiveness",
    "random_walk",
    "relative_step",
    "settling",
    "settling_null",
    "settling_share",
    "signal_to_noise",
    "smoothness",
    "t_90",
    "tortuosity",
]

REGISTRY = {
    "mean_shift": mean_shift,
    "mean_shift_raw": mean_shift_raw,
    "sd_shift": sd_shift,
    "w1": w1,
    "w1_raw": w1_raw,
    "w2": w2,
    "w2_raw": w2_raw,
}
