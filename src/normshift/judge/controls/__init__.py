"""Controls of the machinery (DESIGN section 6): what it says where the truth is known."""

from collections.abc import Mapping, Sequence
from typing import Any

from normshift.judge.controls import boundary_null, negative_control, same_arms
from normshift.judge.evidence import Evidence
from normshift.judge.frames import Tables
from normshift.params import Claims


def controls(claims: Claims, items: Mapping[str, Sequence[Evidence]], tables: Tables, root: int) -> dict[str, Any]:
    """Return each control's figures, or why there are none; ``items`` are the claims' evidence in this run."""
    return {
        "boundary_null": boundary_null.control(claims, items, root),
        "aa": same_arms.control(claims, tables),
        "negative_control": negative_control.control(tables),
    }


def figures(found: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the controls' figures in short, None where a control could not be run."""
    return {
        "boundary_null_upper": found["boundary_null"].get("upper"),
        "aa_directional": found["aa"].get("directional"),
        "negative_control": found["negative_control"].get("largest"),
        "negative_control_raw": found["negative_control"].get("smallest_raw"),
    }
