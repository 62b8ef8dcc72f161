"""normshift: how the inputs of layers drift while a network learns, with and without batch norm."""

import importlib
from typing import Any

# What people attach to their own models. It is imported when it is asked for, because torch takes seconds.
RECORDER = ("Recording", "ShiftRecorder")


def __getattr__(name: str) -> Any:
    if name in RECORDER:
        return getattr(importlib.import_module("normshift.recorder"), name)
    raise AttributeError(f"module 'normshift' has no attribute {name!r}")
