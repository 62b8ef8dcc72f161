"""What the numbers of a cell depend on besides its configuration and data: code, libraries, processor."""

import ast
import functools
import hashlib
import platform
from collections.abc import Mapping
from pathlib import Path

import numba
import numpy as np
import scipy
import scipy.linalg.cython_blas  # noqa: F401  (loaded, so that its library can be asked)
import torch
from llvmlite.binding import get_host_cpu_name
from threadpoolctl import threadpool_info

from normshift.params import PACKAGE

# The code that trains and observes. Comments, docstrings and layout do not count.
CODE = ("train/**/*.py", "observe/*.py", "networks/**/*.py", "records.py", "seeds.py")
# Of it, what says who trains which cells and where they lie: no number depends on it.
PLACING = {f"train/{name}.py" for name in ("__main__", "digest", "finish", "gather", "memory", "progress", "tasks")}


@functools.cache
def versions() -> Mapping[str, str]:
    """Return what must be the same where a cell is asked for and where it is trained."""
    libraries = {"torch": torch, "numpy": np, "numba": numba, "scipy": scipy}
    return {"code": code()} | {name: library.__version__ for name, library in libraries.items()}


@functools.cache
def machine(device: str) -> Mapping[str, str | int]:
    """Return what must be the same for all cells of a run: processor, kernels chosen for it, and the GPU if used."""
    kernels = {f"{one['version']} {one['architecture']}" for one in threadpool_info() if "architecture" in one}
    found: dict[str, str | int] = {
        "system": platform.system(),
        "capability": torch.backends.cpu.get_cpu_capability(),
        # Compiled loops are made for the very processor; others may add in another order.
        "processor": get_host_cpu_name(),
        "kernels": ", ".join(sorted(kernels)),
    }
    return found | _gpu() if device == "cuda" else found


def _gpu() -> dict[str, str | int]:
    if not torch.cuda.is_available():
        return {"gpu": "none", "gpu_memory": 0}
    own = torch.cuda.get_device_properties(0)
    return {"gpu": own.name, "gpu_memory": own.total_memory, "cuda": torch.version.cuda or ""}


def code() -> str:
    """Return the digest of the code that determines a cell."""
    paths = [path for pattern in CODE for path in sorted(PACKAGE.glob(pattern))]
    return digest([_meaning(path) for path in paths if path.relative_to(PACKAGE).as_posix() not in PLACING])


def _meaning(path: Path) -> str:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body[0] = ast.Pass()
    return f"{path.relative_to(PACKAGE)}\n{ast.unparse(tree)}"


def digest(parts: list[str]) -> str:
    """Return the digest of texts, in 32 hexadecimal digits."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
