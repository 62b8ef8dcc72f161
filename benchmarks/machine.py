"""What was measured on: processor, caches, memory, versions, date and load."""

import importlib.metadata
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PACKAGES = ("torch", "numpy", "numba", "jax", "jaxlib", "joblib")


def machine(core: int) -> dict[str, Any]:
    """Return the facts of the machine; ``core`` is the one that everything runs on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "pinned_to_core": core,
        "caches": _caches(core),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.system() + " " + platform.release(),
        "python": platform.python_version(),
        "versions": {name: version for name in PACKAGES if (version := _version(name))},
        "began": now(),
        "load_at_begin": load(),
    }


def now() -> str:
    """Return the time, to the second, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def load() -> float:
    """Return how many processes wanted a core in the last minute, on average: above 1, somebody else was there."""
    return round(os.getloadavg()[0], 2)


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))


def _caches(core: int) -> dict[str, str]:
    caches = {}
    for index in sorted(Path(f"/sys/devices/system/cpu/cpu{core}/cache").glob("index*")):
        level, kind, size = ((index / name).read_text().strip() for name in ("level", "type", "size"))
        if kind != "Instruction":
            caches[f"L{level}"] = size
    return caches


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
