"""Normalisers: ``(width) -> nn.Module`` from u to x, shape kept; gamma and beta follow apart, so that x can be read.

Each says whether gamma and beta follow it (``affine_follows``) and noise after these (``noise_follows``), whether it
normalises by the batch, and by running averages in evaluation (``by_batch``), by each sample's own units
(``by_sample``: it gets (sample, position, unit) where a sample has several positions), or the weights before it
(``of_weights``), and whether y is u, or gamma, beta and batch norm's formula tell it from u (``y_from_u``).
"""

from normshift.networks.normalisers.batch import BatchNorm
from normshift.networks.normalisers.batch_renorm import BatchRenorm
from normshift.networks.normalisers.free_detached import FreeDetached
from normshift.networks.normalisers.free_full import FreeFull
from normshift.networks.normalisers.group import GroupNorm
from normshift.networks.normalisers.layer import LayerNorm
from normshift.networks.normalisers.noisy import Noisy
from normshift.networks.normalisers.none import NoNorm
from normshift.networks.normalisers.none_noisy import NoneNoisy
from normshift.networks.normalisers.rms import RMSNorm
from normshift.networks.normalisers.skipinit import SkipInit
from normshift.networks.normalisers.steady_detached import SteadyDetached
from normshift.networks.normalisers.weight_standardised import WeightStandardised
from normshift.networks.normalisers.yoked import Yoked

REGISTRY = {
    "batch": BatchNorm,
    "batch_renorm": BatchRenorm,
    "free_detached": FreeDetached,
    "free_full": FreeFull,
    "group": GroupNorm,
    "layer": LayerNorm,
    "noisy": Noisy,
    "none": NoNorm,
    "none_noisy": NoneNoisy,
    "rms": RMSNorm,
    "skipinit": SkipInit,
    "steady_detached": SteadyDetached,
    "yoked": Yoked,
    "weight_standardised": WeightStandardised,
}
