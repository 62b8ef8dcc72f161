"""A simulated run keeps to what is known of queues, of lists of work and of restarts."""

import itertools
import math
from collections import deque

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.cluster_events import Run, simulated
from benchmarks.cluster_model import Cluster, Driver, Load, Store, bounds, gathering

STACKS = st.lists(st.integers(1, 30), min_size=1, max_size=12)


def load(seconds, **other) -> Load:
    return Load(seconds, [1] * len(seconds), **other)


def ticked(seconds, workers: int, start: int, scheduling: int, service: int) -> int:
    """Second by second: what a worker is at, how long yet; at the scheduler and the store only the first is served."""
    left, done, now = deque(seconds), 0, 0
    at = [["start", start, 0] for _ in range(workers)]
    lines = {"scheduler": deque(), "store": deque()}
    while True:
        moved = True
        while moved:
            moved = False
            for worker, (place, remaining, stack) in enumerate(at):
                served = place not in lines or lines[place][0] == worker
                if place == "idle" or remaining or not served:
                    continue
                moved = True
                if place in lines:
                    lines[place].popleft()
                done += place == "store"
                if place == "scheduler":
                    at[worker] = ["train", stack, stack]
                elif place == "train":
                    at[worker] = ["store", service, stack]
                elif left:
                    at[worker] = ["scheduler", scheduling, left.popleft()]
                else:
                    at[worker] = ["idle", 0, 0]
                if at[worker][0] in lines:
                    lines[at[worker][0]].append(worker)
        if done == len(seconds):
            return now
        for worker, one in enumerate(at):
            one[1] -= bool(one[1]) and (one[0] not in lines or lines[one[0]][0] == worker)
        now += 1


@given(STACKS, st.integers(1, 4), st.integers(0, 5), st.integers(0, 4), st.integers(0, 9))
def test_events_go_as_a_clock_does_second_by_second(seconds, workers, start, scheduling, service):
    cluster = Cluster(workers, start=start, scheduling=scheduling, store=Store(bandwidth=1))
    outcome = simulated(load(seconds, record=service), cluster)
    assert outcome.trained == pytest.approx(ticked(seconds, workers, start, scheduling, service))


@given(st.integers(1, 40), st.integers(1, 9), st.floats(0.1, 9), st.floats(0, 1))
def test_equal_stacks_take_as_many_rounds_as_it_needs(count, workers, seconds, latency):
    outcome = simulated(load([seconds] * count), Cluster(workers, store=Store(latency)))
    assert outcome.trained == pytest.approx(math.ceil(count / workers) * (seconds + 2 * latency))


@given(STACKS, st.integers(1, 5))
def test_no_list_takes_longer_than_grahams_bound(seconds, workers):
    outcome = simulated(load(seconds), Cluster(workers))
    assert outcome.trained <= sum(seconds) / workers + (1 - 1 / workers) * max(seconds) + 1e-9


@given(st.lists(st.integers(1, 20), min_size=1, max_size=6), st.integers(1, 3))
def test_longest_first_is_within_a_third_of_the_best(seconds, workers):
    sums = (np.bincount(place, seconds).max() for place in itertools.product(range(workers), repeat=len(seconds)))
    outcome = simulated(load(sorted(seconds, reverse=True)), Cluster(workers))
    assert outcome.trained <= (4 / 3 - 1 / (3 * workers)) * min(sums) + 1e-9


@given(STACKS, st.integers(1, 5), st.floats(0, 3), st.floats(0, 3), st.floats(1, 9), st.floats(1, 9), st.floats(0, 2))
def test_no_run_is_shorter_than_any_part_of_it(seconds, workers, start, scheduling, operations, bandwidth, each):
    store, driver = Store(each / 10, operations, bandwidth), Driver(start, each, each)
    cluster = Cluster(workers, workers / 2, start, scheduling=scheduling, store=store, driver=driver)
    given_load = load(seconds, record=each, inputs=start)
    outcome = simulated(given_load, cluster)
    assert outcome.makespan >= max(bounds(given_load, cluster).values()) * (1 - 1e-9)
    assert sum(outcome.phases.values()) == pytest.approx(outcome.makespan)
    assert outcome.working >= sum(seconds) * (1 - 1e-9) and 0 < outcome.utilisation(workers) <= 1 + 1e-9


@given(STACKS, st.integers(2, 6), st.sampled_from([1.0, 1.5, 2.0]))
def test_shared_cores_do_all_work_and_are_never_idle_beside_it(seconds, workers, cores):
    trained = simulated(load(seconds), Cluster(workers, cores)).trained
    assert sum(seconds) / cores - 1e-9 <= trained <= sum(seconds) / cores + 2 * max(seconds)
    equal = simulated(load([3.0] * workers), Cluster(workers, cores)).trained
    assert equal == pytest.approx(3 * workers / cores)


def test_a_store_that_is_slower_than_training_is_busy_from_the_first_stack_on():
    outcome = simulated(load([2.0] * 20, record=30), Cluster(4, store=Store(bandwidth=10)))
    assert outcome.trained == pytest.approx(2 + 20 * 3)


@pytest.mark.parametrize(("mean", "restart", "latency"), [(10, 0, 0), (5, 3, 0), (5, 0, 1), (20, 7, 0.5)])
def test_restarts_take_the_time_that_is_known(mean, restart, latency):
    """(1/L + R)(exp(L t) - 1) of work t, storing included, at a rate L of deaths, each costing R (Duda 1983)."""
    seconds = 4.0 + 2 * latency
    cluster = Cluster(1, between_deaths=mean, restart=restart, store=Store(latency))
    times = [simulated(load([4.0]), cluster, seed).trained for seed in range(3000)]
    expected = (mean + restart) * math.expm1(seconds / mean)
    assert np.mean(times) == pytest.approx(expected, abs=4 * np.std(times) / math.sqrt(len(times)))


def test_a_stack_is_given_up_as_often_as_all_its_workers_die():
    share = 1 - math.exp(-0.8)
    outcome = simulated(load([0.8] * 4000), Cluster(3, between_deaths=1, allowed=2))
    assert outcome.given_up / 4000 == pytest.approx(share**3, abs=4 * math.sqrt(share**3 / 4000))


def test_an_idle_worker_takes_over_from_a_dead_one():
    outcome = simulated(load([1.0]), Cluster(2, between_deaths=1, restart=1e9), seed=8)
    assert outcome.deaths == 1 and 1 < outcome.trained < 2
    assert outcome.lost == pytest.approx(outcome.trained - 1) and outcome.working == pytest.approx(1)


@given(st.integers(0, 9), st.floats(0.1, 1))
def test_stragglers_share_the_work_by_their_paces(seed, spread):
    cluster = Cluster(5, spread=spread)
    paces = np.array(Run(load([1.0]), cluster, seed).pace)
    assert simulated(load([1.0] * 5), cluster, seed).trained == pytest.approx(paces.max())
    many = simulated(load([1.0] * 200), cluster, seed).trained
    assert 200 / (1 / paces).sum() - 1e-9 <= many <= 200 / (1 / paces).sum() + paces.max()


def test_paces_are_spread_as_said_and_a_seed_gives_the_same_run():
    cluster = Cluster(4000, spread=0.3, between_deaths=5)
    logarithms = np.log(Run(load([1.0]), cluster, 0).pace)
    assert np.std(logarithms) == pytest.approx(0.3, rel=0.05) and abs(np.mean(logarithms)) < 0.02
    assert simulated(load([1.0] * 50), cluster, 1) == simulated(load([1.0] * 50), cluster, 1)
    assert simulated(load([1.0] * 50), cluster, 1) != simulated(load([1.0] * 50), cluster, 2)


def test_workers_are_paid_until_the_last_record_and_the_driver_until_the_last_cell():
    cluster = Cluster(3, driver=Driver(10, 1, 2), price=7)
    outcome = simulated(load([5.0] * 6), cluster)
    assert outcome.phases == {"prepare": 16, "start": 0, "train": 10, "gather": 12}
    assert outcome.cost == pytest.approx(7 * (3 * 10 + 38) / 3600)


def test_a_driver_waits_for_requests_that_are_under_way_together_only_once():
    stacks, driver = load([1.0] * 4), Driver(gather=0.5)
    alone, together = (Store(latency=3.0, at_once=count) for count in (1, 6))
    assert gathering(stacks, Cluster(1, store=alone, driver=driver)) == pytest.approx(4 * (0.5 + 2 * 3.0))
    assert gathering(stacks, Cluster(1, store=together, driver=driver)) == pytest.approx(4 * (0.5 + 2 * 3.0 / 6))
    limited = Store(latency=3.0, at_once=6, operations=0.5)
    assert gathering(stacks, Cluster(1, store=limited, driver=driver)) == pytest.approx(4 * 2 / 0.5)
