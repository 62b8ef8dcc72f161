"""Workers of Dask in jobs of SLURM, as many as are asked for: a job that ends is replaced."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from normshift.crew import GIB, Crew, Needs
from normshift.engines.cluster.connection import LOOPBACK, connected, is_loopback, needed, security
from normshift.engines.dask import CONFIG, crew
from normshift.params import Engine, Refused

LOGS = Path("build", "slurm")  # what jobs print
LIFETIME = 0.9  # of the wall time, so that a worker leaves before it is killed; spread by the rest


@contextmanager
def slurm(settings: Engine, needs: Needs) -> Iterator[Crew]:
    """Offer one worker per job, with ``engine.memory`` GiB each."""
    needed(settings)
    if settings.workers is None:
        raise Refused(["engine.workers: say how many jobs, `engine=slurm engine.workers=16`"])
    import dask.config

    with dask.config.set(CONFIG), cluster(settings) as jobs:
        _refuse_unaccepted(jobs.job_script())
        jobs.adapt(minimum=settings.workers, maximum=settings.workers)
        with connected(settings, jobs, 1) as client:
            yield crew(client, settings, needs, settings.memory * GIB, far=True)


def cluster(settings: Engine) -> Any:
    """Return dask-jobqueue's cluster, with no job yet; ``job_script()`` says what a job would be."""
    from dask_jobqueue import SLURMCluster
    from dask_jobqueue.slurm import SLURMJob
    from distributed.core import Status

    class Job(SLURMJob):
        async def start(self) -> None:
            try:
                await super().start()
            except Exception:
                self.status = Status.failed  # else the cluster's end takes a job that was turned away for one it left
                raise

    jobs, life = settings.jobs, int(LIFETIME * _seconds(settings.jobs.walltime))
    return SLURMCluster(
        job_cls=Job,
        queue=jobs.partition,
        account=jobs.account,
        walltime=jobs.walltime,
        cores=1,
        processes=1,
        memory=f"{settings.memory:g}GiB",
        job_extra_directives=jobs.directives,
        job_script_prologue=jobs.prologue,
        job_name="normshift",
        log_directory=str(LOGS),
        worker_extra_args=[
            "--lifetime",
            f"{life}s",
            "--lifetime-stagger",
            f"{life // 20}s",
            *_listening(settings.host),
        ],
        python=sys.executable,
        security=security(settings.tls),
        protocol="tls" if settings.tls.ca else "tcp",
        scheduler_options={"host": settings.host, "dashboard_address": f"{LOOPBACK}:{settings.dashboard}"},
    )


def _refuse_unaccepted(script: str) -> None:
    """Refuse at once what SLURM would not take: else a wrong partition would be waited for."""
    try:
        asked = subprocess.run(["sbatch", "--test-only"], input=script, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Refused(["engine=slurm: there is no sbatch here: start it where jobs are submitted"]) from None
    if asked.returncode:
        raise Refused([f"engine=slurm: SLURM takes no such job: {' '.join(asked.stderr.split())}"])


def _listening(host: str) -> list[str]:
    """Return where workers listen: for people on loopback, for the scheduler there too if it is of that machine."""
    return ["--dashboard-address", f"{LOOPBACK}:0", *(["--host", host] if is_loopback(host) else [])]


def _seconds(walltime: str) -> int:
    days, _, clock = walltime.rpartition("-")
    hours, minutes, seconds = map(int, clock.split(":"))
    return ((int(days or 0) * 24 + hours) * 60 + minutes) * 60 + seconds
