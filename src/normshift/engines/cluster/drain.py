"""Having tasks done by Dask: all at once, what is lost again, suspects alone at the end."""

import queue
import time
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from typing import Any

from normshift.crew import Died, Done, Lost, Needs, Unlike, Work
from normshift.engines.cluster.likeness import Alike, alike
from normshift.params import Refused

POLL, LOOK = 0.05, 2.0  # seconds between looks at what is done, and at who is there; the scheduler feeds the workers
DEATHS = 2  # of workers at a task, until it is looked at alone


class Drain:
    """Has tasks done by those workers of a scheduler that are alike."""

    def __init__(self, client: Any, workers: Alike, needs: Needs, patience: float):
        self.client, self.workers, self.needs, self.patience = client, workers, needs, patience
        self.removed: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.errors: list[BaseException] = []

    def run(self, work: Work, tasks: Sequence[Any]) -> Iterator[Done | Lost]:
        """Do every task; those that killed workers as often as Dask allows once more, each with none beside it."""
        self.client.subscribe_topic("all", lambda event: self.removed.put(event[1]))
        try:
            suspects = yield from self._rounds(work, tasks)
            dead = []
            for task in suspects:
                dead += yield from self._rounds(work, [task])
        finally:
            self.client.unsubscribe_topic("all")
        if dead:
            raise Died(dead, self.errors)
        if self.errors:
            raise self.errors[0]

    def _rounds(self, work: Work, tasks: Sequence[Any]) -> Generator[Done | Lost, None, list[Any]]:
        """Return the tasks that killed workers. What fell to a worker that joined late and is unlike goes to others.

        One that lacks the package fails in its own way: an error is believed where all workers were known to be alike.
        """
        suspects: list[Any] = []
        deaths: Counter[int] = Counter()  # of workers at a task, by its id
        while tasks:
            bounced: list[Any] = []
            failed: list[tuple[Any, BaseException]] = []
            for task, result, error in self._finished(work, tasks):
                if isinstance(task, Lost):
                    deaths[id(task.task)] += 1
                    yield task
                elif error is None:
                    yield Done(task, result)
                elif type(error).__name__ == "KilledWorker":
                    suspects.append(task)
                elif isinstance(error, Unlike):  # given out anew, a task starts with a clean record at Dask
                    (bounced if deaths[id(task)] < DEATHS else suspects).append(task)
                else:
                    failed.append((task, error))
            known = self.workers.others
            if bounced or (failed and not known):
                self.workers = self._judged()
            if self.workers.others and not known:
                bounced += [task for task, _ in failed]
            else:
                self.errors += [error for _, error in failed]
            tasks = bounced
        return suspects

    def _judged(self) -> Alike:
        """Return who may work by now; one that died may be on its way back."""
        end = time.monotonic() + self.patience
        while True:
            try:
                return alike(self.client, self.needs, self.workers.machine)
            except Refused as refused:
                if time.monotonic() > end:
                    told = f"no worker is left for {self.patience:g} s: {AGAIN}"
                    raise Refused([*refused.lines, told]) from refused
                time.sleep(LOOK)

    def _finished(self, work: Work, tasks: Sequence[Any]) -> Iterator[tuple[Any, Any, BaseException | None]]:
        """Yield tasks with their result or error as they are finished; in between `Lost` ones."""
        from distributed import as_completed

        only = {"workers": self.workers.addresses, "allow_other_workers": False} if self.workers.others else {}
        futures = self.client.map(work, tasks, pure=False, retries=0, **only)
        own = {future.key: task for future, task in zip(futures, tasks, strict=True)}
        finished = as_completed(futures, loop=self.client.loop, with_results=True, raise_errors=False)
        del futures  # none is held once it was told: a worker that dies must not make others repeat what is done
        seen = looked = time.monotonic()
        while own:
            yield from ((Lost(own[key]), None, None) for key in self._lost() if key in own)
            batch = finished.next_batch(block=False)
            for future, result in batch:
                yield own.pop(future.key), *self._told(future, result)
            if not batch and (now := time.monotonic()) - looked > LOOK:
                looked, seen = now, now if self._present() else seen
                if now - seen > self.patience:
                    raise Refused([f"no worker is left for {self.patience:g} s: {_left(own, tasks)}"])
                if seen < now and self.workers.others:  # who comes back does so at another address
                    yield from ((task, None, Unlike("it waits for a worker that is gone")) for task in own.values())
                    return
            _ = batch or time.sleep(POLL)

    def _told(self, future: Any, result: Any) -> tuple[Any, BaseException | None]:
        if isinstance(result, CancelledError):
            raise Refused([f"the scheduler {self.client.scheduler.address} is gone: {AGAIN}"])
        # A result that was fetched before its worker died is one, whatever its future says by now.
        return (None, result[1]) if future.status == "error" else (result, None)

    def _lost(self) -> Iterator[str]:
        """Yield the keys of tasks at which a worker died since the last call."""
        while not self.removed.empty():
            event = self.removed.get()
            if event.get("action") == "remove-worker" and not event.get("expected"):
                yield from event["processing-tasks"]

    def _present(self) -> bool:
        there = self.client.scheduler_info(n_workers=-1)["workers"]
        return any(address in there for address in self.workers.addresses) if self.workers.others else bool(there)


AGAIN = "what was finished is stored; the same command goes on from there"


def _left(own: dict[str, Any], tasks: Sequence[Any]) -> str:
    return f"{len(tasks) - len(own)} of {len(tasks)} stacks were done; {AGAIN}"
