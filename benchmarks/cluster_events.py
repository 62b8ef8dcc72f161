"""A run on a cluster, played out event by event; the same seed gives the same run."""

import heapq
import itertools
import math
import random
from collections import deque

from benchmarks.cluster_model import Cluster, Load, Outcome, gathering


class Cores:
    """Work on cores that all who work share evenly: its own clock goes slower where more work than there are cores."""

    def __init__(self, cores: float):
        self.cores, self.clock, self.ends = cores, 0.0, []

    @property
    def pace(self) -> float:
        """How fast the clock goes."""
        return min(1.0, self.cores / len(self.ends)) if self.ends else 1.0

    def next_end(self, now: float) -> float:
        """Return when the first of all work ends, if no other joins it."""
        return now + (self.ends[0][0] - self.clock) / self.pace if self.ends else math.inf


class Run:
    """The state of a run; each event is a method and the worker that it befalls."""

    def __init__(self, load: Load, cluster: Cluster, seed: int):
        self.load, self.cluster, self.random = load, cluster, random.Random(seed)
        self.pace = [math.exp(cluster.spread * self.random.gauss(0, 1)) for _ in range(cluster.workers)]
        self.queue, self.left = deque(range(len(load.seconds))), len(load.seconds)
        self.deaths = [0] * len(load.seconds)  # of each stack's workers
        self.at: list[int] = [-1] * cluster.workers  # the stack that a worker has
        self.idle: deque[int] = deque()
        self.cores, self.timed, self.number = Cores(cluster.cores), [], itertools.count()
        self.now = cluster.driver.start + sum(load.cells) * cluster.driver.prepare
        self.began, self.store_free, self.scheduler_free = math.inf, self.now, self.now
        self.spent = {"starting": 0.0, "working": 0.0, "storing": 0.0, "lost": 0.0}
        self.since = [self.now] * cluster.workers
        self.given_up = 0

    def after(self, seconds: float, event, worker: int) -> None:
        """Let something happen some time from now."""
        heapq.heappush(self.timed, (self.now + seconds, next(self.number), event, worker))

    def worked(self, seconds: float, event, worker: int) -> None:
        """Let something happen after so much work."""
        heapq.heappush(self.cores.ends, (self.cores.clock + seconds, next(self.number), event, worker))

    def dies_within(self, seconds: float) -> float:
        """Return when a worker dies, infinity if not within a time; exponential, so its age does not count."""
        mean = self.cluster.between_deaths
        death = self.random.expovariate(1 / mean) if mean < math.inf else math.inf
        return death if death < seconds else math.inf

    def start(self, worker: int) -> None:
        self.since[worker] = self.now
        self.worked(self.cluster.start * self.pace[worker], self.read, worker)

    def read(self, worker: int) -> None:
        self.after(self.stored_in(min(1, self.load.inputs), self.load.inputs), self.ready, worker)

    def ready(self, worker: int) -> None:
        self.spent["starting"] += self.now - self.since[worker]
        self.ask(worker)

    def ask(self, worker: int) -> None:
        if not self.queue:
            self.idle.append(worker)
            return
        self.at[worker] = self.queue.popleft()
        self.scheduler_free = max(self.now, self.scheduler_free) + self.cluster.scheduling
        self.after(self.scheduler_free - self.now, self.train, worker)

    def train(self, worker: int) -> None:
        self.began, self.since[worker] = min(self.began, self.now), self.now
        seconds = self.load.seconds[self.at[worker]] * self.pace[worker]
        death = self.dies_within(seconds)
        self.worked(min(seconds, death), self.keep if death == math.inf else self.die, worker)

    def keep(self, worker: int) -> None:
        cells = self.load.cells[self.at[worker]]
        seconds = self.stored_in(self.load.operations * cells, self.load.record * cells)
        death = self.dies_within(seconds)
        self.spent["working"] += self.now - self.since[worker]
        self.spent["storing"] += min(seconds, death)
        self.after(min(seconds, death), self.done if death == math.inf else self.die_storing, worker)

    def stored_in(self, operations: float, size: float) -> float:
        """Return how long a worker waits for requests: one after the other, and the store serves all in turn."""
        store = self.cluster.store
        self.store_free = max(self.now, self.store_free) + store.service(operations, size)
        return max(self.store_free - self.now, operations * store.latency)

    def done(self, worker: int) -> None:
        self.left -= 1
        self.ask(worker)

    def die_storing(self, worker: int) -> None:
        trained = self.load.seconds[self.at[worker]] * self.pace[worker]
        self.spent["working"] -= trained
        self.spent["lost"] += trained
        self.since[worker] = self.now
        self.die(worker)

    def die(self, worker: int) -> None:
        stack = self.at[worker]
        self.spent["lost"] += self.now - self.since[worker]
        self.deaths[stack] += 1
        if self.deaths[stack] > self.cluster.allowed:
            self.given_up, self.left = self.given_up + 1, self.left - 1
        else:
            self.queue.appendleft(stack)
            if self.idle:
                self.ask(self.idle.popleft())
        self.after(self.cluster.restart, self.start, worker)

    def step(self) -> None:
        """Go to the next event, and let it happen."""
        worked = self.cores.next_end(self.now)
        by_work = worked <= (self.timed[0][0] if self.timed else math.inf)
        then = worked if by_work else self.timed[0][0]
        self.cores.clock = self.cores.ends[0][0] if by_work else self.cores.clock + (then - self.now) * self.cores.pace
        self.now = then
        _, _, event, worker = heapq.heappop(self.cores.ends if by_work else self.timed)
        event(worker)


def simulated(load: Load, cluster: Cluster, seed: int = 0) -> Outcome:
    """Return how a run goes: prepared, workers started, stacks trained and stored in turn, cells gathered at the end.

    Workers start when the driver is prepared and end with the last stack; the driver is there all the time.
    """
    run = Run(load, cluster, seed)
    prepared = run.now
    for worker in range(cluster.workers):
        run.start(worker)
    while run.left:
        run.step()
    makespan = run.now + gathering(load, cluster)
    hours = (cluster.workers * (run.now - prepared) + makespan) / 3600
    return Outcome(
        prepared,
        run.began,
        run.now,
        makespan,
        **run.spent,
        deaths=sum(run.deaths),
        given_up=run.given_up,
        cost=cluster.price * hours,
    )
