"""Work for the engines' tests: a spawned worker must be able to import it."""

import os
import signal
import time
from pathlib import Path

from normshift.crew import Needs, Unlike


def square(number: int) -> int:
    return number * number


def fails_on_three(number: int) -> int:
    if number == 3:
        raise ValueError("three")
    return number


def dies_on_three(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def dies_the_first_time(task: tuple[int, str]) -> int:
    number, folder = task
    mark = Path(folder) / f"died-{number}"
    if number % 3 == 0 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def names_its_worker(number: int) -> tuple[int, int]:
    return number, os.getpid()


def dies_on_four_fails_on_three(number: int) -> int:
    return dies_on_three(number - 1) + 1 if number == 4 else fails_on_three(number)


def counts_its_starts(task: tuple[int, str]) -> int:
    """Leave a mark for every start; the first start of task 0 dies while the others are at work."""
    number, folder = task
    starts = len(list(Path(folder).glob(f"start-{number}-*")))
    (Path(folder) / f"start-{number}-{starts}").touch()
    if number == 0 and starts == 0:
        while not (Path(folder) / "start-1-0").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(1.0 if number == 1 else 0.0)
    return number


def waits(folder: str) -> None:
    (Path(folder) / f"worker-{os.getpid()}").touch()
    time.sleep(600)


def dies_at_the_first_try(task: tuple[int, str]) -> int:
    """Die at a task's first try; at its second only if the worker has done another task before."""
    number, folder = task
    tried, worker = Path(folder) / f"tried-{number}", Path(folder) / f"worker-{os.getpid()}"
    if not tried.exists() or worker.exists():
        tried.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    worker.touch()
    return number


def versions() -> dict[str, str]:
    return {"code": os.environ.get("PRETENDED_CODE", "1")}


def machine() -> dict[str, str]:
    return {"processor": os.environ.get("PRETENDED_PROCESSOR", "this")}


def slowly(task: tuple[int, str]) -> int:
    time.sleep(0.3)
    return task[0]


def slowly_on_this(task: tuple[int, str]) -> int:
    """Refuse, as a stack does, to be done where its address does not hold; of another version, fail somehow."""
    if versions()["code"] != "1":
        raise AttributeError("what this version lacks")
    if machine()["processor"] != "this":
        raise Unlike("processor that instead of this")
    time.sleep(1.0)
    return task[0]


def unlike_the_first_time(task: tuple[int, str]) -> int:
    number, folder = task
    mark = Path(folder) / f"unlike-{number}"
    if number == 2 and not mark.exists():
        mark.touch()
        raise Unlike("torch 1 instead of 2")
    return number


NEEDS = Needs(2**20, versions, machine)
