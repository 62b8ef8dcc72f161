"""Normalisers: ``(width) -> nn.Module`` from u to x, shape kept; gamma and beta follow apart, so that x can be read.

Each says whether gamma and beta follow it (``affine_follows``) and noise after these (``noise_follows``), whether it
normalises by the batch, and by running averages in evaluation (``by_batch``), and whether y is u, or gamma, beta and
batch norm's formula tell it from u (``y_from_u``).
"""

from normshift.networks.normalisers.batch import BatchNorm
from normshift.networks.normalisers.free_detached import FreeDetached
from normshift.networks.normalisers.free_full import FreeFull
from normshift.networks.normalisers.layer import LayerNorm
from normshift.networks.normalisers.noisy import Noisy
from normshift.networks.normalisers.none import NoNorm
from normshift.networks.normalisers.none_noisy import NoneNoisy
from normshift.networks.normalisers.steady_detached import SteadyDetached
from normshift.networks.normalisers.yoked import Yoked

REGISTRY = {
    "batch": BatchNorm,
    "free_detached": FreeDetached,
    "free_full": FreeFull,
    "layer": LayerNorm,
    "noisy": Noisy,
    "none": NoNorm,
    "none_noisy": NoneNoisy,
    "steady_detached": SteadyDetached,
    "yoked": Yoked,
}
