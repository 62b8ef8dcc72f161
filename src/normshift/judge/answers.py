"""The answer in plain words: a sentence of conf/claims.yaml chosen by the verdict, with the effects' numbers put in."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from normshift.judge.describe import Description
from normshift.judge.judging import Judged
from normshift.judge.rule import DEPENDS, UNDECIDED
from normshift.judge.standing import standing
from normshift.params import Claim

SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
Descriptions = Mapping[str, Mapping[str, Description]]  # by level and part


def sentence(claim: Claim, found: Judged, described: Descriptions, reasons: bool = True) -> str:
    """Return the claim's answer for its verdict, and which levels were left out.

    A sentence may name {seeds}, {least} and {most} (smallest and largest size of a median over the levels and parts
    that count), {part[NAME]} (smallest size of a part), {margin[NAME]}, {reason}; under Depends {LEVEL}, the level's
    own answer. Sizes of log ratios are given as factors. Of an undecided claim `standing` tells, with ``reasons``.
    """
    return " ".join([_answer(claim, found, described, reasons), *(f"{note.capitalize()}." for note in found.notes)])


def _answer(claim: Claim, found: Judged, described: Descriptions, reasons: bool) -> str:
    counted = [name for name, level in found.levels.items() if not level.memorised]
    if found.verdict.verdict != DEPENDS:
        reason = standing(found, reasons) if found.verdict.verdict == UNDECIDED else found.verdict.reason
        return _filled(claim, found.verdict.verdict, reason, [described[name] for name in counted])
    own = {
        name: _filled(claim, found.levels[name].verdict.verdict, found.levels[name].verdict.reason, [described[name]])
        for name in counted
    }
    return _template(claim, DEPENDS, found.verdict.reason).format_map(own)


def _template(claim: Claim, verdict: str, reason: str) -> str:
    plain = reason.replace("{", "{{").replace("}", "}}")
    return (claim.answers or {}).get(verdict, f"{verdict}: {plain}.")


def _filled(claim: Claim, verdict: str, reason: str, levels: list[Mapping[str, Description]]) -> str:
    medians = {part: [level[part].median for level in levels if part in level] for part in claim.parts}
    seeds = max((one.seeds for level in levels for one in level.values()), default=0)
    return _template(claim, verdict, reason).format_map(words(claim, medians, seeds, reason))


def words(claim: Claim, medians: Mapping[str, Sequence[float]], seeds: int, reason: str) -> dict[str, Any]:
    """Return what a sentence about a claim may name, from the medians of each part at the levels that count."""
    sizes = {part: [size(value, claim.parts[part].unit) for value in values] for part, values in medians.items()}
    every = [value for values in sizes.values() for value in values]
    return {
        "seeds": str(seeds),
        "least": _text(min(every, default=math.nan)),
        "most": _text(max(every, default=math.nan)),
        "part": {part: _text(min(values, default=math.nan)) for part, values in sizes.items()},
        "margin": {name: _text(size(part.margin, part.unit)) for name, part in claim.parts.items()},
        "reason": reason,
    }


def size(value: float, unit: str) -> float:
    """Return an effect's size without its sign: a factor if it is a log ratio."""
    return math.exp(abs(value)) if unit.startswith("ln ") else abs(value)


def _text(value: float) -> str:
    if math.isnan(value):
        return "(not measured)"
    digits, _, power = f"{value:.3g}".partition("e")
    return f"{digits} × 10{str(int(power)).translate(SUPERSCRIPT)}" if power else digits
