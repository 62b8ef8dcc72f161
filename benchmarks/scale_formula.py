"""What rounds of measuring come to: medians, and a stack's time as a formula."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.optimize import nnls


def middle(rounds: Sequence[Any]) -> Any:
    """Return the median of every number of things that are alike but for their numbers."""
    first = rounds[0]
    if isinstance(first, Mapping):
        return {key: middle([one[key] for one in rounds]) for key in first}
    if isinstance(first, list):
        return [middle(values) for values in zip(*rounds, strict=True)]
    if isinstance(first, str) or all(value == first for value in rounds):
        return first
    return statistics.median(rounds)


def fitted(rows: Sequence[Mapping[str, Any]], norm: str) -> list[float]:
    """Return (a, b, c) of a stack's seconds a + cells (b + c steps), none negative, by least squares of ratios."""
    own = [row for row in rows if row["norm"] == norm]
    terms = np.array([[1, row["cells"], row["cells"] * row["steps"]] for row in own], float)
    seconds = np.array([row["seconds"] for row in own])
    return nnls(terms / seconds[:, None], np.ones(len(own)))[0].tolist()
