"""Whether a verdict holds if it is repeated on another view of the tables (judge/views.py)."""

from collections.abc import Mapping, Sequence
from typing import Any

from normshift.judge.evidence import Evidence
from normshift.judge.judging import Judged, judged
from normshift.params import Claim, Rules


def repeated(claim: Claim, items: Sequence[Evidence], again: Sequence[Evidence], rules: Rules) -> Judged | None:
    """Return the claim's verdict from its evidence in a variant; None where the variant does not count."""
    return judged(claim, again, rules) if counts(items, again) else None


def counts(items: Sequence[Evidence], again: Sequence[Evidence]) -> bool:
    """Say whether a variant repeats a claim: an effect changes, and every part that was measured still is in some seed.

    What was not measured at all would be Undecided, and no disagreement.
    """
    pairs = [(one.effects, other.effects) for one, other in zip(items, again, strict=True)]
    measured = [other.notna().any() for one, other in pairs if one.notna().any()]
    return any(measured) and all(measured) and any(not one.equals(other) for one, other in pairs)


def agreement(claim: Claim, verdict: Judged, variants: Mapping[str, Judged | None]) -> list[int] | None:
    """Return in how many of the variants that count the verdict is the same, and how many count.

    An identity has none: no probe, metric or number of steps makes it more or less true. [0, 0] where nothing counts.
    """
    if claim.by_definition:
        return None
    counted = [other.verdict.verdict for other in variants.values() if other]
    return [counted.count(verdict.verdict.verdict), len(counted)]


def told(variants: Mapping[str, Judged | None]) -> dict[str, Any]:
    """Return each variant's verdict and reason as plain data, None where it does not count."""
    found = {name: other and other.verdict for name, other in variants.items()}
    return {name: one and {"verdict": one.verdict, "reason": one.reason} for name, one in found.items()}
