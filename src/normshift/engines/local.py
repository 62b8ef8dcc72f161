"""Spawned processes on this machine, one task each at a time; the death of one is nobody else's."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from typing import Any

from normshift.crew import Crew, Died, Done, Lost, Needs, Work, share
from normshift.params import Engine


@contextmanager
def local(settings: Engine, needs: Needs) -> Iterator[Crew]:
    """Offer spawned processes: as many as are asked for, or cores, that fit into the memory."""
    workers, memory = share(settings, needs)
    yield Crew(workers, memory, needs.machine(), partial(run, workers))


def run(workers: int, work: Work, tasks: Sequence[Any]) -> Iterator[Done | Lost]:
    """Do every task.

    A worker that dies costs the task that it was at: that is tried once more, after the others, alone and in a worker
    of its own, so that no task is blamed for a worker that died before the task began. Closed early, or interrupted, it
    waits for the tasks that are running.
    """
    errors: list[Exception] = []
    suspects = yield from _drain(work, deque(tasks), min(workers, max(1, len(tasks))), errors)
    dead = yield from _drain(work, deque(suspects), 1, errors, reuse=False)
    if dead:
        raise Died(dead, errors)
    if errors:
        raise errors[0]


def _drain(
    work: Work, queue: deque[Any], size: int, errors: list[Exception], reuse: bool = True
) -> Generator[Done | Lost, None, list[Any]]:
    """Yield what comes of the tasks; return those whose worker died. In pools of one, none dies with it."""
    context = multiprocessing.get_context("spawn")
    idle: list[ProcessPoolExecutor] = []
    running: dict[Future, tuple[ProcessPoolExecutor, Any]] = {}
    died = []
    try:
        while queue or running:
            while queue and len(running) < size:
                pool = idle.pop() if idle else ProcessPoolExecutor(1, mp_context=context, initializer=_enter)
                try:
                    future = pool.submit(work, queue[0])
                except BrokenProcessPool:  # died while it was idle: the task never ran
                    pool.shutdown()
                    continue
                running[future] = pool, queue.popleft()
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                pool, task = running.pop(future)
                error = future.exception()
                if isinstance(error, BrokenProcessPool):
                    died.append(task)
                    pool.shutdown()
                    yield Lost(task)
                    continue
                if reuse:
                    idle.append(pool)
                else:
                    pool.shutdown()
                if isinstance(error, Exception):
                    errors.append(error)
                else:
                    yield Done(task, future.result())
    finally:
        for pool in (*idle, *(pool for pool, _ in running.values())):
            pool.shutdown(cancel_futures=True)
    return died


def _enter() -> None:
    """Make a worker end with the terminal's Ctrl-C, silently, and with its parent, however that dies."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
