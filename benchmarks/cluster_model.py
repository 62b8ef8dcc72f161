"""What a run on a cluster is made of: workers, a store, a driver, stacks; and times that it cannot be shorter than.

All times are in seconds, all sizes in bytes. `cluster_events.simulated` plays a run out.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Store:
    """Where cells are kept: what a request takes alone, and what all workers together can ask of it."""

    latency: float = 0.0
    operations: float = math.inf  # a second
    bandwidth: float = math.inf  # bytes a second
    at_once: int = 1  # requests of the driver that are under way together

    def service(self, operations: float, size: float) -> float:
        """Return how long requests keep the store busy: it serves operations and bytes side by side."""
        return max(operations / self.operations, size / self.bandwidth)


@dataclass(frozen=True)
class Driver:
    """The one process that hands out the stacks: before the first of them, and after the last, cell by cell."""

    start: float = 0.0
    prepare: float = 0.0  # a cell: its plan, its address, whether it is stored
    gather: float = 0.0  # a cell: taken from the store, into its file
    gathers: bool = True  # or somebody else does


@dataclass(frozen=True)
class Cluster:
    """Workers, what they share, what befalls them, and what an hour of one costs."""

    workers: int
    cores: float = math.inf  # that all workers share; a part of one where two disturb each other
    start: float = 0.0  # of a worker's own work until it can train
    between_deaths: float = math.inf  # of a worker, exponential
    restart: float = 0.0  # until another is in a dead one's place
    allowed: float = math.inf  # deaths of its worker after which a stack is given up
    spread: float = 0.0  # standard deviation of the logarithm of a worker's pace
    scheduling: float = 0.0  # of the one scheduler, each time a stack is handed out
    store: Store = field(default_factory=Store)
    driver: Driver = field(default_factory=Driver)
    price: float = 0.0  # of a worker or driver an hour


@dataclass(frozen=True)
class Load:
    """Stacks in the order in which they are handed out, and what goes through the store."""

    seconds: Sequence[float]  # of each stack, on a core of its own
    cells: Sequence[int]
    record: float = 0.0  # bytes of a cell
    operations: float = 2.0  # on the store, a cell: its record and its checksum
    inputs: float = 0.0  # bytes of data that each new worker reads

    @property
    def work(self) -> float:
        """All training, one after the other."""
        return math.fsum(self.seconds)


@dataclass(frozen=True)
class Outcome:
    """When each phase was over, and what the workers did until the last stack was stored, in worker-seconds."""

    prepared: float
    started: float  # the first stack began
    trained: float  # the last one was stored
    makespan: float  # all cells were gathered
    starting: float
    working: float
    storing: float
    lost: float  # to deaths: what had to be done again
    deaths: int
    given_up: int
    cost: float

    @property
    def phases(self) -> dict[str, float]:
        """How long each phase was."""
        ends = {"prepare": self.prepared, "start": self.started, "train": self.trained, "gather": self.makespan}
        begins = [0.0, *ends.values()]
        return {name: end - begin for (name, end), begin in zip(ends.items(), begins, strict=False)}

    def utilisation(self, workers: int) -> float:
        """Return the share of the workers' time, from the first start to the last record, that trained what is kept."""
        return self.working / (workers * (self.trained - self.prepared))


def gathering(load: Load, cluster: Cluster) -> float:
    """Return how long the driver gathers: cell after cell, no faster than the store."""
    if not cluster.driver.gathers:
        return 0.0
    own = cluster.driver.gather + load.operations * cluster.store.latency / cluster.store.at_once
    return sum(load.cells) * max(own, cluster.store.service(load.operations, load.record))


def bounds(load: Load, cluster: Cluster) -> dict[str, float]:
    """Return times that a run cannot be shorter than, by the part that sets each, where all workers keep pace."""
    count, store = sum(load.cells), cluster.store
    return {
        "work": load.work / min(cluster.workers, cluster.cores),
        "longest stack": max(load.seconds),
        "start-up": cluster.start + store.service(min(1, load.inputs), load.inputs),
        "scheduler": cluster.scheduling * len(load.seconds),
        "store": store.service(load.operations * count, load.record * count),
        "driver": cluster.driver.start + count * cluster.driver.prepare + gathering(load, cluster),
    }
