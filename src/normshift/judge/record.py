"""A claim's entry of verdicts.json: its verdict at three margins and in every variant, and what describes it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from normshift.judge.answers import Descriptions, sentence
from normshift.judge.describe import Description, described, holm
from normshift.judge.evidence import Evidence
from normshift.judge.judging import Judged
from normshift.judge.robustness import agreement, told
from normshift.params import Claim, Rules

ABLE = 2  # margins: an effect that the run ought to have been able to detect


def descriptions(claim: Claim, items: Sequence[Evidence], rules: Rules) -> Descriptions:
    """Return the description of every part at every level."""
    levels: dict[str, dict[str, Any]] = {}
    for item in items:
        margin = claim.parts[item.part].margin
        levels.setdefault(item.level, {})[item.part] = described(item.effects.to_numpy(), margin, rules)
    return levels


def record(
    claim: Claim,
    items: Sequence[Evidence],
    found: Mapping[str, Judged],
    rules: Rules,
    variants: Mapping[str, Judged | None] | None = None,
) -> dict[str, Any]:
    """Return a claim's entry; ``found`` holds its verdicts at the margin, half and twice, ``variants`` the repeats.

    The headline effect of a level is the median of the first part of the claim's evidence, that of the claim is the
    first level's that counts.
    """
    verdict, words = found["margin"], descriptions(claim, items, rules)
    levels = {name: _level(claim, name, words[name], found) for name in verdict.levels}
    counted = [level for level in levels.values() if not level["memorised"]]
    head = next(iter(counted), {"effect": math.nan, "interval": [math.nan, math.nan]})
    return {
        "verdict": verdict.verdict.verdict,
        "reason": verdict.verdict.reason,
        "answer": sentence(claim, verdict, words),
        "effect": head["effect"],
        "unit": claim.parts[items[0].part].unit if items else None,
        "interval": head["interval"],
        "seeds": max((one.seeds for level in words.values() for one in level.values()), default=None),
        "moderator": claim.moderator,
        "p": math.nan if claim.by_definition else _largest_p(counted),
        "half": found["half"].verdict.verdict,
        "twice": found["twice"].verdict.verdict,
        **_power(counted),
        "robust": agreement(claim, verdict, variants or {}),
        "variants": told(variants or {}),
        "notes": list(verdict.notes),
        "dropped": _once({"level": item.level} | asdict(drop) for item in items for drop in item.dropped),
        "unpassed": _once({"level": item.level, "losses": list(item.unpassed)} for item in items if item.unpassed),
        "levels": levels,
    }


def _once(entries: Any) -> list[dict[str, Any]]:
    every = list(entries)
    return [entry for number, entry in enumerate(every) if entry not in every[:number]]


def _largest_p(levels: Sequence[Mapping[str, Any]]) -> float:
    """Return the p of a claim that needs every part at every level: the largest (intersection-union)."""
    values = [part["p"] for level in levels for part in level["parts"].values()]
    return math.nan if not values or any(math.isnan(p) for p in values) else max(values)


def _power(levels: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return sd and detectable effect of the headline part, and whether every part could be found at twice its margin.

    A claim needs every part at every level, so it is as able as the least able of them.
    """
    parts = [part for level in levels for part in level["parts"].values()]
    first = next(iter(parts), {"sd": math.nan, "detectable": math.nan})
    able = [part["able"] for part in parts]
    return {
        "sd": first["sd"],
        "detectable": first["detectable"],
        "able": None if not able or None in able else all(able),
    }


def _level(claim: Claim, name: str, words: Mapping[str, Any], found: Mapping[str, Judged]) -> dict[str, Any]:
    level, half, twice = (found[scale].levels[name] for scale in ("margin", "half", "twice"))
    parts = {
        part: {
            "verdict": level.parts[part].verdict,
            "reason": level.parts[part].reason,
            "why": level.parts[part].why,
            **_described(claim, part, words[part]),
            "half": half.parts[part].verdict,
            "twice": twice.parts[part].verdict,
        }
        for part in level.parts
    }
    first = next(iter(parts.values()))
    return {
        "verdict": level.verdict.verdict,
        "reason": level.verdict.reason,
        "memorised": level.memorised,
        "effect": first["median"],
        "interval": [first["low"], first["high"]],
        "half": half.verdict.verdict,
        "twice": twice.verdict.verdict,
        "parts": parts,
    }


def _described(claim: Claim, name: str, words: Description) -> dict[str, Any]:
    """Return what describes a part; of an identity there is no effect to detect."""
    part = claim.parts[name]
    power = {"detectable": math.nan, "able": None}
    if not claim.by_definition:
        power = {"detectable": words.detectable, "able": words.detectable <= ABLE * part.margin}
    return {"unit": part.unit, "margin": part.margin, **asdict(words), **power}


def corrected(records: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the claims' records with p_holm, Holm's correction over all claims that have a p."""
    adjusted = holm({name: record["p"] for name, record in records.items()})
    return {name: record | {"p_holm": adjusted[name]} for name, record in records.items()}
