"""The controls of the machinery as the page shows them: what was done, what came out, what should have."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from normshift.figures.numbers import counted, measured, setting, share


@dataclass(frozen=True)
class Control:
    """A control in words; ``holds`` is None where it could not be run, and ``found`` says why."""

    name: str
    what: str
    found: str
    expected: str
    holds: bool | None


def controls(found: Mapping[str, Mapping[str, Any]]) -> list[Control]:
    """Return the views of the three controls."""
    shown = {"boundary_null": boundary_null, "aa": same_arms, "negative_control": negative_control}
    return [_shown(view, found[name]) for name, view in shown.items()]


def _shown(view: Any, found: Mapping[str, Any]) -> Control:
    words = view(found)
    reason = found.get("reason")
    return Control(*words[:2], f"not run: {reason}" if reason else words[2], words[3], found.get("holds"))


def boundary_null(found: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Return name, what was done, what came out and what should have."""
    came = expected = ""
    if "reason" not in found:
        wrong = [f"{name} {count}" for name, count in found["claims"].items() if count]
        came = (
            f"{found['families']:,} of {found['draws']:,} families with at least one false verdict "
            f"({share(found['share'])}), upper bound {share(found['upper'])}"
            f"{'; by claim ' + ', '.join(wrong) if wrong else ''}"
        )
        expected = f"an upper bound of at most {share(found['most'])}"
    what = (
        "Every effect is moved to its margin, where all verdicts are false: the real effects centred by their median, "
        "whole seeds flipped in all claims together, plus or minus the margin."
    )
    return "Boundary null", what, came, expected


def same_arms(found: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Return name, what was done, what came out and what should have."""
    came = ""
    if "reason" not in found:
        names = f": {'; '.join(found['names'])}" if found["names"] else ""
        came = (
            f"{setting(found['directional'])} of {counted(found['judged'], 'comparison')} in "
            f"{counted(found['pairs'], 'pair')} got a direction{names}"
        )
    what = (
        "Batch norm is compared with itself: further seeds in pairs play the arms of claims and of plain comparisons."
    )
    return "A/A", what, came, "no direction"


def negative_control(found: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Return name, what was done, what came out and what should have."""
    came = expected = ""
    if "reason" not in found:
        worst = max(found["scale_free"], key=lambda name: found["scale_free"][name] or float("inf"), default="none")
        came = (
            f"largest |ln ratio| of {counted(len(found['scale_free']), 'scale-free number')} "
            f"{measured(found['largest'])} ({worst}), smallest of {counted(len(found['raw_numbers']), 'raw one')} "
            f"{measured(found['smallest_raw'])}"
        )
        expected = (
            f"{measured(found['factor'])} for raw numbers, 0 for the others, to within {measured(found['tolerance'])}"
        )
    what = (
        "The same network with larger hidden weights, which learn faster in proportion, and eps at 0: what is called "
        "scale-free must not notice."
    )
    return "Negative control", what, came, expected
