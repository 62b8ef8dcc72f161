"""Engines: who runs the tasks. An engine changes no bit of a result, only when and where it is made.

``engine(settings, needs)`` is a context whose value is a `normshift.crew.Crew`.
"""

from normshift.crew import MakeCrew
from normshift.engines.dask import dask
from normshift.engines.local import local
from normshift.engines.slurm import slurm

REGISTRY: dict[str, MakeCrew] = {"dask": dask, "local": local, "slurm": slurm}
