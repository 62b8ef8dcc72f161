"""The local engine under faults, with real processes and real signals."""

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from normshift.crew import Died, Done, Lost
from normshift.engines.local import local, run
from tests.engines import jobs
from tests.engines.clusters import engine
from tests.engines.jobs import NEEDS

ROOT = Path(__file__).parents[2]


def results(work, tasks, workers) -> Iterator:
    return (outcome.result for outcome in run(workers, work, tasks) if isinstance(outcome, Done))


def test_every_task_is_done_once():
    assert sorted(results(jobs.square, range(7), 2)) == [number**2 for number in range(7)]


def test_it_offers_as_many_workers_as_fit_into_the_memory_that_they_share():
    with local(engine("local", 8, memory=3.0), dataclasses.replace(NEEDS, memory=2**30)) as crew:
        assert (crew.workers, crew.memory, crew.far) == (3, 2**30, False)
        assert sorted(outcome.result for outcome in crew.run(jobs.square, range(3))) == [0, 1, 4]
    with local(engine("local", 8), dataclasses.replace(NEEDS, alone=True)) as crew:
        assert crew.workers == 1


def test_nothing_to_do_starts_nothing():
    assert list(run(2, jobs.square, [])) == []


def test_a_killed_worker_costs_nothing_but_time(tmp_path):
    tasks = [(number, str(tmp_path)) for number in range(8)]
    assert sorted(results(jobs.dies_the_first_time, tasks, 2)) == list(range(8))
    assert len(list(tmp_path.iterdir())) == 3


def test_a_worker_that_dies_is_told(tmp_path):
    outcomes = list(run(2, jobs.dies_the_first_time, [(number, str(tmp_path)) for number in range(4)]))
    assert sorted(outcome.task[0] for outcome in outcomes if isinstance(outcome, Lost)) == [0, 3]


def test_a_killed_worker_costs_only_the_task_it_was_at(tmp_path):
    assert sorted(results(jobs.counts_its_starts, [(number, str(tmp_path)) for number in range(4)], 2)) == [0, 1, 2, 3]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"start-{name}" for name in ("0-0", "0-1", "1-0", "2-0", "3-0")
    ]


def test_a_worker_that_dies_while_it_is_idle_costs_nothing():
    done = []
    for number, worker in results(jobs.names_its_worker, range(5), 1):
        done.append(number)
        with contextlib.suppress(ProcessLookupError):  # the worker of a task's second try ends with it
            os.kill(worker, signal.SIGKILL)
        while alive(worker):
            time.sleep(0.01)
    # Whether the pool knows yet that its worker is gone when the next task comes is a race: the order is not promised.
    assert sorted(done) == [0, 1, 2, 3, 4]


def test_a_task_that_kills_and_one_that_fails_are_both_said():
    with pytest.raises(Died, match="another failed: three") as died:
        list(results(jobs.dies_on_four_fails_on_three, range(6), 2))
    assert died.value.tasks == [4]


def test_a_task_that_always_kills_is_named_after_all_others_are_done():
    done = []
    with pytest.raises(Died) as died:
        for number in results(jobs.dies_on_three, range(8), 2):
            done.append(number)
    assert died.value.tasks == [3] and sorted(done) == [0, 1, 2, 4, 5, 6, 7]


def test_an_error_is_raised_after_all_others_are_done():
    done = []
    with pytest.raises(ValueError, match="three"):
        for number in results(jobs.fails_on_three, range(8), 2):
            done.append(number)
    assert sorted(done) == [0, 1, 2, 4, 5, 6, 7]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def test_workers_end_with_their_parent_however_it_dies(tmp_path):
    start = f"""
from normshift.engines.local import run
from tests.engines import jobs

if __name__ == "__main__":
    list(run(2, jobs.waits, [{str(tmp_path)!r}] * 2))
"""
    (tmp_path / "start.py").write_text(start)
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    parent = subprocess.Popen([sys.executable, str(tmp_path / "start.py")], env=environment)

    def workers() -> list[int]:
        return [int(path.name.split("-")[1]) for path in tmp_path.glob("worker-*")]

    def settled(condition) -> bool:
        return any(condition() or time.sleep(0.1) for _ in range(300))

    assert settled(lambda: len(workers()) == 2)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert settled(lambda: not any(map(alive, workers())))


def test_no_task_is_blamed_for_a_worker_that_died_before_it_began(tmp_path):
    tasks = [(number, str(tmp_path)) for number in range(4)]
    assert sorted(results(jobs.dies_at_the_first_try, tasks, 1)) == [0, 1, 2, 3]
