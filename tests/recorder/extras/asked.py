"""Tests that need a library of an extra run in an environment of its own, which `make extras` makes."""

import os

import pytest


def only_for(extra: str) -> None:
    """Skip a whole file unless its extra is asked for."""
    if os.environ.get("NORMSHIFT_EXTRA") != extra:
        pytest.skip(f"`make extras` runs this where {extra} is installed", allow_module_level=True)
