"""The how-to page says what there is."""

import inspect
import re
from pathlib import Path

from normshift import Recording, ShiftRecorder
from normshift.recorder.tables import BUILDERS

PAGE = (Path(__file__).parents[2] / "docs" / "recorder.md").read_text(encoding="utf-8")


def test_every_argument_is_in_the_table_with_its_default():
    for name, parameter in list(inspect.signature(ShiftRecorder).parameters.items())[2:]:
        (row,) = [line for line in PAGE.splitlines() if re.match(rf"\| `{name}`|\| .*, `{name}` \|", line)]
        if isinstance(parameter.default, int):
            assert str(parameter.default) in row.split("|")[-2]


def test_every_method_and_table_is_named():
    methods = [name for name, _ in inspect.getmembers(ShiftRecorder, inspect.isfunction) if name[0] != "_"]
    assert all(f"recorder.{name}(" in PAGE for name in methods)
    assert all(f"`{name}`" in PAGE for name in [*BUILDERS, "noise", "layers"])
    assert {name for name in methods if name != "step"} <= set(dir(Recording))
