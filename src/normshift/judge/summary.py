"""Verdicts as plain data: what goes to verdicts.json, summary.json and metrics.json."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from normshift.judge.answers import Descriptions, sentence
from normshift.judge.describe import described, holm
from normshift.judge.evidence import EVERY, Evidence
from normshift.judge.judging import Judged
from normshift.params import Claim, Claims, Rules

DIGITS = 6  # significant ones; further digits differ between processors


def registration(claims: Claims) -> str:
    """Return the digest of the rules, margins, sentences and priors that were fixed before the run."""
    return hashlib.sha256(json.dumps(asdict(claims), sort_keys=True).encode()).hexdigest()


def text(data: Any) -> str:
    """Return data as JSON: numbers to six digits, null where there is none, the same bytes for the same data."""
    return json.dumps(_plain(data), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _plain(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    if isinstance(data, float):
        return float(f"{data:.{DIGITS}g}") if math.isfinite(data) else None
    return data


def descriptions(claim: Claim, items: Sequence[Evidence], rules: Rules) -> Descriptions:
    """Return the description of every part at every level."""
    levels: dict[str, dict[str, Any]] = {}
    for item in items:
        margin = claim.parts[item.part].margin
        levels.setdefault(item.level, {})[item.part] = described(item.effects.to_numpy(), margin, rules)
    return levels


def record(claim: Claim, items: Sequence[Evidence], found: Mapping[str, Judged], rules: Rules) -> dict[str, Any]:
    """Return a claim's entry of verdicts.json; ``found`` holds its verdicts at the margin, half and twice the margin.

    The headline effect of a level is the median of the first part of the claim's evidence, that of the claim is the
    first level's that counts.
    """
    verdict, words = found["margin"], descriptions(claim, items, rules)
    levels = {name: _level(claim, name, words[name], found) for name in verdict.levels}
    counted = [level for level in levels.values() if not level["memorised"]]
    head = counted[0] if counted else {"effect": math.nan, "interval": [math.nan, math.nan]}
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
        "notes": list(verdict.notes),
        "dropped": _dropped(items),
        "levels": levels,
    }


def _dropped(items: Sequence[Evidence]) -> list[dict[str, Any]]:
    """Return the learning rates left out at each level, once each."""
    every = [{"level": item.level} | asdict(drop) for item in items for drop in item.dropped]
    return [drop for number, drop in enumerate(every) if drop not in every[:number]]


def _largest_p(levels: Sequence[Mapping[str, Any]]) -> float:
    """Return the p of a claim that needs every part at every level: the largest (intersection-union)."""
    values = [part["p"] for level in levels for part in level["parts"].values()]
    return math.nan if not values or any(math.isnan(p) for p in values) else max(values)


def _level(claim: Claim, name: str, words: Mapping[str, Any], found: Mapping[str, Judged]) -> dict[str, Any]:
    level, half, twice = (found[scale].levels[name] for scale in ("margin", "half", "twice"))
    parts = {
        part: {
            "verdict": level.parts[part].verdict,
            "reason": level.parts[part].reason,
            "unit": claim.parts[part].unit,
            "margin": claim.parts[part].margin,
            **asdict(words[part]),
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


def corrected(records: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the claims' records with p_holm, Holm's correction over all claims that have a p."""
    adjusted = holm({name: record["p"] for name, record in records.items()})
    return {name: record | {"p_holm": adjusted[name]} for name, record in records.items()}


def summary(records: Mapping[str, dict[str, Any]], outcomes: pd.DataFrame, claims: Claims) -> dict[str, Any]:
    """Return the nested summary: the registration, the cells behind it, each claim without its descriptions."""
    short = ("verdict", "answer", "effect", "unit", "interval", "seeds", "moderator", "p_holm", "reason", "notes")
    short += ("dropped", "half", "twice")
    return {
        "registration": registration(claims),
        "cells": len(outcomes),
        "diverged": int(outcomes["diverged_step"].notna().sum()),
        "claims": {
            name: {key: record[key] for key in short}
            | {"levels": {level: _short(entry) for level, entry in record["levels"].items() if level != EVERY}}
            for name, record in records.items()
        },
    }


def _short(level: Mapping[str, Any]) -> dict[str, Any]:
    return {key: level[key] for key in ("verdict", "effect", "interval", "memorised")}


def metrics(summarised: Mapping[str, Any]) -> dict[str, Any]:
    """Return the flat metrics: counts, and each claim's verdict and effect."""
    flat: dict[str, Any] = {"cells": summarised["cells"], "diverged": summarised["diverged"]}
    for name, claim in summarised["claims"].items():
        flat |= {f"{name}_verdict": claim["verdict"], f"{name}_effect": claim["effect"]}
    return flat
