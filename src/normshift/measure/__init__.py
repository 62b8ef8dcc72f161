"""From what was observed while cells trained to tidy tables of how distributions shifted.

`BUILDERS` holds one function per table of `normshift.tables` that this stage writes: ``(group, rules) -> table``.
"""

from normshift.measure.bands import bands
from normshift.measure.decomposition import decomposition
from normshift.measure.identities import identities
from normshift.measure.losses import losses
from normshift.measure.motion import motion
from normshift.measure.noise import noise
from normshift.measure.outcomes import outcomes
from normshift.measure.shifts import shifts
from normshift.measure.targets import targets
from normshift.measure.trajectories import trajectories

BUILDERS = {
    "outcomes": outcomes,
    "targets": targets,
    "losses": losses,
    "shifts": shifts,
    "noise": noise,
    "decomposition": decomposition,
    "motion": motion,
    "identities": identities,
    "bands": bands,
    "trajectories": trajectories,
}
