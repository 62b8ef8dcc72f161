"""Work for the engines' tests: a spawned worker must be able to import it."""

import os
import signal
import time
from pathlib import Path


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


def waits(folder: str) -> None:
    (Path(folder) / f"worker-{os.getpid()}").touch()
    time.sleep(600)
