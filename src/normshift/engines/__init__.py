"""Engines: who runs the tasks. An engine changes no bit of a result, only when and where it is made.

``engine(work, tasks, workers) -> Iterator[Outcome]``: calls ``work(task)`` for every task, in any order and process.
"""

from normshift.engines.local import local

REGISTRY = {"local": local}
