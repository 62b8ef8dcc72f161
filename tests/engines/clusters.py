"""A scheduler of Dask and its workers as processes of their own on loopback, to be killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from normshift.params import Engine, Jobs, Tls

HERE = {"host": "127.0.0.1", "dashboard": 0, "patience": 60.0}
JOBS = Jobs(None, None, "4:00:00", [], [])
NO_TLS = Tls(None, None, None)


def engine(kind: str, workers: int | None = 2, **how) -> Engine:
    settings = {"memory": 4.0, "store": None, "address": None, **HERE, "tls": NO_TLS, "jobs": JOBS, **how}
    return Engine(kind, kind, workers, **settings)


def eventually(holds: Callable[[], object], seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


@dataclass
class Cluster:
    """Processes that are started in a folder, with an environment of one's own."""

    folder: Path
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    secured: tuple[str, ...] = ()
    processes: list[subprocess.Popen] = field(default_factory=list)
    address: str = ""

    def dask(self, *command: str) -> subprocess.Popen:
        where = ["--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"]
        with (self.folder / f"{command[0]}.log").open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *command, *where, *self.secured],
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def scheduler(self, *more: str) -> subprocess.Popen:
        place = self.folder / "scheduler.json"
        place.unlink(missing_ok=True)
        protocol = ["--protocol", "tls"] if self.secured else []
        process = self.dask("scheduler", "--port", "0", "--scheduler-file", str(place), *protocol, *more)
        eventually(lambda: place.exists() and place.read_text())
        self.address = json.loads(place.read_text())["address"]
        return process

    def worker(self, *more: str) -> subprocess.Popen:
        """Start a node: a nanny, and the worker that it keeps alive."""
        threads = [] if "--nthreads" in more else ["--nthreads", "1"]
        scratch = ["--local-directory", str(self.folder), "--memory-limit", "0", "--death-timeout", "60"]
        return self.dask("worker", self.address, *threads, *scratch, *more)


def kill(process: subprocess.Popen) -> None:
    """Kill a process and all that it started, as the loss of a machine would."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def child(node: subprocess.Popen) -> int | None:
    """Return the process of the worker that a nanny keeps: the last that it started."""
    found = Path(f"/proc/{node.pid}/task/{node.pid}/children").read_text().split()
    return int(found[-1]) if found else None


@contextmanager
def cluster(folder: Path, workers: int = 2, environment=None, secured=(), scheduler=()) -> Iterator[Cluster]:
    folder.mkdir(exist_ok=True)
    made = Cluster(folder, {**os.environ, **(environment or {})}, tuple(secured))
    try:
        made.scheduler(*scheduler)
        for _ in range(workers):
            made.worker()
        yield made
    finally:
        for process in made.processes:
            if process.poll() is None:
                kill(process)
