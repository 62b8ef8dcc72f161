"""From what was observed while cells trained to tidy tables of how distributions shifted.

`BUILDERS` holds one function per table of `normshift.tables` that this stage writes: ``(group, rules) -> table``.
"""

from normshift.measure.areas import areas
from normshift.measure.bands import bands
from normshift.measure.decomposition import decomposition
from normshift.measure.detail import curvature, injected
from normshift.measure.diffusion import diffusion
from normshift.measure.discrepancies import discrepancies
from normshift.measure.distances import distances
from normshift.measure.gradients import effective_rates, gradient_noise, gradients, landscape, variation
from normshift.measure.identities import identities
from normshift.measure.interventions import attribution, composition, examples
from normshift.measure.losses import losses
from normshift.measure.motion import motion
from normshift.measure.noise import noise
from normshift.measure.outcomes import outcomes
from normshift.measure.regression import regression
from normshift.measure.remaining import remaining
from normshift.measure.settling import settling
from normshift.measure.shifts import shifts
from normshift.measure.targets import targets
from normshift.measure.tested import test_curves, unit_bands
from normshift.measure.trajectories import trajectories
from normshift.measure.updates import updates

BUILDERS = {
    "outcomes": outcomes,
    "areas": areas,
    "targets": targets,
    "losses": losses,
    "shifts": shifts,
    "noise": noise,
    "decomposition": decomposition,
    "motion": motion,
    "identities": identities,
    "updates": updates,
    "settling": settling,
    "remaining": remaining,
    "diffusion": diffusion,
    "gradients": gradients,
    "landscape": landscape,
    "variation": variation,
    "attribution": attribution,
    "composition": composition,
    "examples": examples,
    "effective_rates": effective_rates,
    "discrepancies": discrepancies,
    "distances": distances,
    "regression": regression,
    "curvature": curvature,
    "injected": injected,
    "gradient_noise": gradient_noise,
    "bands": bands,
    "test_curves": test_curves,
    "unit_bands": unit_bands,
    "trajectories": trajectories,
}
