"""Workers of Dask: those of a running scheduler, or some that are started on this machine."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from normshift.crew import GIB, Crew, Needs, share
from normshift.engines.cluster.connection import LOOPBACK, connected, needed, security
from normshift.engines.cluster.drain import Drain
from normshift.engines.cluster.likeness import alike
from normshift.params import Engine

# A task may kill two workers before it is looked at alone; a stack that is too large for memory has its own bound.
HEADROOM = 0.75  # of a worker's limit: Dask pauses it at .8, and kills it at .95
CONFIG = {"distributed.scheduler.allowed-failures": 1, "distributed.worker.memory.terminate": False}


@contextmanager
def dask(settings: Engine, needs: Needs) -> Iterator[Crew]:
    """Offer the workers at an address, or as many on this machine as `local` would start."""
    needed(settings)
    with ExitStack() as stack:
        if settings.address is None:
            workers, memory = share(settings, needs)
            cluster: Any = stack.enter_context(_started(settings, workers))
        else:
            workers, memory, cluster = settings.workers or 1, settings.memory * GIB, settings.address
        client = stack.enter_context(connected(settings, cluster, workers))
        yield crew(client, settings, needs, memory, far=settings.address is not None)


def crew(client: Any, settings: Engine, needs: Needs, memory: float, far: bool) -> Crew:
    """Return the crew of a client's workers, with what the smallest may use of its memory, else what is given."""
    found = alike(client, needs)
    drain = Drain(client, found, needs, settings.patience)
    return Crew(len(found.addresses), HEADROOM * found.memory or memory, found.machine, drain.run, far)


@contextmanager
def _started(settings: Engine, workers: int) -> Iterator[Any]:
    import dask.config
    import distributed

    places = {"host": settings.host, "dashboard_address": f"{LOOPBACK}:{settings.dashboard}"}
    how = {"threads_per_worker": 1, "processes": True, "memory_limit": 0, "silence_logs": 50}
    with (
        dask.config.set(CONFIG),
        distributed.LocalCluster(workers, **places, **how, security=security(settings.tls)) as cluster,
    ):
        yield cluster
