"""Whether the device that was asked for is there, said before anything is changed or removed."""

import importlib
from typing import Any


def device_faults(device: Any, engine: Any) -> list[str]:
    """Return a line if CUDA is asked for where there is none; other engines see for themselves."""
    if device != "cuda" or engine != "local" or importlib.import_module("torch").cuda.is_available():
        return []
    return ["train.device=cuda: no CUDA device can be used here: choose train.device=cpu"]
