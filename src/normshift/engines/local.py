"""A pool of spawned processes on this machine that survives the death of its workers."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

Work = Callable[[Any], Any]


class Died(RuntimeError):
    """Tasks that killed their worker process twice, the second time alone in it."""

    def __init__(self, tasks: list[Any]):
        super().__init__(f"{len(tasks)} task(s) killed their worker process twice")
        self.tasks = tasks


def local(work: Work, tasks: Sequence[Any], workers: int | None = None) -> Iterator[Any]:
    """Yield ``work(task)`` of every task as it gets done.

    A dead worker costs the tasks that were running: each is tried once more, alone, so that one that kills cannot take
    others with it. What fails stops nothing: all others are done before the first error, or `Died`, is raised.
    """
    size = min(workers or os.cpu_count() or 1, max(1, len(tasks)))
    queue, errors, dead = deque(tasks), [], []
    suspects: list[Any] = []
    while queue:
        suspects += yield from _drain(work, queue, size, errors)
    for suspect in suspects:
        dead += yield from _drain(work, deque([suspect]), 1, errors)
    if errors:
        raise errors[0]
    if dead:
        raise Died(dead)


def _drain(work: Work, queue: deque[Any], size: int, errors: list[Exception]) -> Generator[Any, None, list[Any]]:
    """Yield results until the queue is empty or the pool breaks; return the tasks that were running when it broke."""
    running: dict[Future, Any] = {}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(size, mp_context=context, initializer=_enter) as pool:
        try:
            while queue or running:
                # No more than are running: a broken pool forgets whatever it was handed.
                while queue and len(running) < size:
                    task = queue.popleft()
                    running[pool.submit(work, task)] = task
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    error = future.exception()
                    if isinstance(error, BrokenProcessPool):
                        return list(running.values())
                    running.pop(future)
                    if isinstance(error, Exception):
                        errors.append(error)
                    else:
                        yield future.result()
        except BrokenProcessPool:  # by `submit`
            return [task, *running.values()]
    return []


def _enter() -> None:
    """Make a worker end with the terminal's Ctrl-C, silently, and with its parent, however that dies."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
