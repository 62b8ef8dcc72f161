"""CPU time and wall time of work, alternating between the ways it is done, on one core.

The machine's speed drifts by tens of per cent: only medians of alternating runs of one session can be compared.
"""

import atexit
import gc
import multiprocessing
import os
import resource
import statistics
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

# One thread each, said before any library is imported: children inherit it.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
}


class Took(NamedTuple):
    """Seconds, and the most memory that the process has held so far, in MiB."""

    cpu: float
    wall: float
    peak: float


def pinned() -> int:
    """Keep this process and its children on one core, one thread each; return the core."""
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    os.environ.update(ONE_THREAD)
    return core


def took(run: Callable[[], Any]) -> Took:
    """Return what a run took, with the children that ended in it; of those that live on it returns the CPU time."""
    gc.collect()
    wall, cpu = time.perf_counter(), _cpu()
    result = run()
    spent, wall = _cpu() - cpu, time.perf_counter() - wall
    elsewhere = result if isinstance(result, float) else 0.0
    return Took(spent + elsewhere, wall, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def median(runs: list[Took]) -> Took:
    """Return the median of each."""
    return Took(*(statistics.median(values) for values in zip(*runs, strict=True)))


def median_of(run: Callable[[], Any], rounds: int) -> Took:
    """Return the median of some runs after a first one that does not count."""
    return median([took(run) for _ in range(rounds + 1)][1:])


class Worker:
    """A process that prepares work and runs it when told, so that ways do not share an interpreter."""

    def __init__(self, prepare: Callable[..., Callable[[], Any]]):
        # Forked from a process that has imported what takes long and has done nothing else.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["benchmarks.plain", "benchmarks.cells", "normshift.train.loop"])
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(prepare, theirs))
        self._process.start()
        theirs.close()

    def prepare(self, *what: Any) -> Took:
        """Make the work ready, compiled where it is compiled; return what that took."""
        return self._ask(what)

    def run(self) -> Took:
        """Do the work once."""
        return self._ask(None)

    def _ask(self, what: tuple | None) -> Took:
        self._pipe.send(what)
        answer = self._pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.join()


def _serve(prepare: Callable[..., Callable[[], Any]], pipe) -> None:
    run = None
    while True:
        try:
            what = pipe.recv()
        except EOFError:
            run = None
            atexit._run_exitfuncs()  # a forked process would leave without, and wait for joblib's idle ones
            return
        try:
            if what is None:
                pipe.send(took(run))
            else:
                run = None  # what was ready before may be large
                made = []
                spent = took(lambda what=what, made=made: made.append(prepare(*what)))
                run = made.pop()
                pipe.send(spent)
        except Exception as error:
            error.add_note(traceback.format_exc())  # a traceback itself does not travel
            pipe.send(error)


def alternated(workers: Mapping[str, Worker], rounds: int) -> dict[str, list[Took]]:
    """Return each worker's runs, one of each in turn; a first round does not count, unless one is all that is asked."""
    uncounted = 1 if rounds > 1 else 0
    runs = {name: [] for name in workers}
    for _ in range(uncounted + rounds):
        for name, worker in workers.items():
            runs[name].append(worker.run())
    return {name: each[uncounted:] for name, each in runs.items()}
