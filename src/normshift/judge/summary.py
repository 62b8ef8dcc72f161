"""Verdicts as plain data: what goes to verdicts.json, summary.json and metrics.json."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from normshift.judge.controls import figures
from normshift.judge.evidence import EVERY
from normshift.params import Claims

# What the summary tells of a claim; verdicts.json holds all.
SHORT = (
    *("verdict", "answer", "effect", "unit", "interval", "seeds", "moderator", "p_holm", "robust", "sd", "detectable"),
    *("able", "reason", "notes", "dropped", "unpassed", "half", "twice"),
)
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


def ran(studies: Mapping[str, Mapping[str, pd.DataFrame]]) -> dict[str, Any]:
    """Return what was run, for comparisons: data sets, networks, steps, and how many seeds every study has.

    Of the tuning seeds the most that any study has, as some have none.
    """
    cells = pd.concat([tables["cells"].assign(study=name) for name, tables in studies.items()])
    kinds = cells[["model", "depth", "width", "activation"]].drop_duplicates()
    networks = sorted(kinds.itertuples(index=False, name=None))
    seeds = cells.groupby(["role", "study"])["seed"].nunique()
    judged, tuning = (seeds[seeds.index.get_level_values("role") == role] for role in ("judged", "tuning"))
    return {
        "data": sorted(cells["data"].unique()),
        "networks": [f"{model} {depth}x{width} {activation}" for model, depth, width, activation in networks],
        "steps": sorted(int(steps) for steps in cells["steps"].unique()),
        "judged": int(min(judged, default=0)),
        "tuning": int(max(tuning, default=0)),
    }


def summary(
    records: Mapping[str, dict[str, Any]],
    outcomes: pd.DataFrame,
    claims: Claims,
    controls: Mapping[str, Any],
    run: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the nested summary: the registration, what was run, the cells, the controls, each claim in short."""
    return {
        "registration": registration(claims),
        "run": run,
        "cells": len(outcomes),
        "diverged": int(outcomes["diverged_step"].notna().sum()),
        "controls": figures(controls),
        "claims": {
            name: {key: record[key] for key in SHORT}
            | {"levels": {level: _short(entry) for level, entry in record["levels"].items() if level != EVERY}}
            for name, record in records.items()
        },
    }


def _short(level: Mapping[str, Any]) -> dict[str, Any]:
    return {key: level[key] for key in ("verdict", "effect", "interval", "memorised")}


def metrics(summarised: Mapping[str, Any]) -> dict[str, Any]:
    """Return the flat metrics: counts, the controls' figures, and each claim's verdict, effect and agreement."""
    flat: dict[str, Any] = {"cells": summarised["cells"], "diverged": summarised["diverged"], **summarised["controls"]}
    for name, claim in summarised["claims"].items():
        flat |= {f"{name}_verdict": claim["verdict"], f"{name}_effect": claim["effect"]}
        flat |= {f"{name}_{key}": count for key, count in zip(("agree", "of"), claim["robust"] or (), strict=False)}
    return flat
