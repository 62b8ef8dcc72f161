"""Engines: who runs the tasks. An engine changes no bit of a result, only when and where it is made.

``engine(work, tasks, workers)`` yields ``work(task)`` of every task, in any order, from any process.
"""

from normshift.engines.local import local

REGISTRY = {"local": local}
