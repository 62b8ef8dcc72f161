"""The stage as one function: the tables of all studies in; effects, records, summary and metrics out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import pandas as pd

from normshift.judge.basis import basis
from normshift.judge.claims import REGISTRY
from normshift.judge.controls import controls
from normshift.judge.evidence import Evidence, tabulated
from normshift.judge.frames import FACTORS, Confounded, Tables, joined
from normshift.judge.judging import Judged, judged, lacking, undecided
from normshift.judge.record import corrected, record
from normshift.judge.robustness import repeated
from normshift.judge.settings import entry, settings
from normshift.judge.summary import metrics, ran, registration, summary
from normshift.judge.thread import thread
from normshift.judge.views import VARIANTS
from normshift.params import Cell, Claim, Claims, Rules

SCALES = {"margin": 1.0, "half": 0.5, "twice": 2.0}
Found = Mapping[str, list[Evidence]]  # evidence by claim
NOTHING: Mapping[str, str] = MappingProxyType({})
NO_EFFECTS = {"claim": "str", "level": "str", "part": "str", "seed": "int32", "effect": "float64"}


@dataclass(frozen=True)
class Outcome:
    """What the stage writes: table `effects`, and the contents of its four JSON files."""

    effects: pd.DataFrame
    verdicts: dict[str, Any]
    thread: list[dict[str, Any]]
    summary: dict[str, Any]
    metrics: dict[str, Any]


def judge(
    claims: Claims,
    studies: Mapping[str, Mapping[str, pd.DataFrame]],
    reference: Cell,
    left_out: Mapping[str, str] = NOTHING,
) -> Outcome:
    """Judge every registered claim on the tables of the studies in the run, ``reference`` being what they vary.

    ``left_out`` says of studies that are not in the run why they could not be.
    """
    if unknown := [name for name in claims.claims if name not in REGISTRY]:
        raise ValueError(f"claims {', '.join(unknown)}: unknown; there are {', '.join(REGISTRY)}")
    tables = joined(studies, reference)
    arms = {study: set(own["cells"]["norm"]) for study, own in studies.items()}
    names = [name for name in REGISTRY if name in claims.claims]
    asked: dict[str, list[pd.Series]] = {name: [] for name in names}
    items = {
        name: lacking(claims.claims[name], arms, left_out)
        or _read(name, claims.claims[name], replace(tables, asked=asked[name]), claims.rules)
        for name in names
    }
    found = {name: evidence for name, evidence in items.items() if not isinstance(evidence, str)}
    repeats, apart = _repeats(claims, found, tables), _apart(claims, found, tables)
    records = corrected(
        {
            name: _record(claims, name, items[name], repeats.get(name, {}))
            | {"settings": apart.get(name, []), "basis": basis(tables.cells, asked[name])}
            for name in names
        }
    )
    checks = controls(claims, found, tables, reference.root)
    summarised = summary(records, tables["outcomes"].drop_duplicates(FACTORS), claims, checks, ran(studies))
    verdicts = {"registration": registration(claims), "controls": checks, "claims": records}
    return Outcome(_effects(found), verdicts, thread(claims, records), summarised, metrics(summarised))


def _repeats(claims: Claims, found: Found, tables: Tables) -> dict[str, dict[str, Judged | None]]:
    """Return the verdict of every claim that can be read off this run in every variant."""
    repeats: dict[str, dict[str, Judged | None]] = {name: {} for name in found}
    for variant, view in VARIANTS.items():
        seen = view(tables)
        for name, items in found.items():
            claim = claims.claims[name]
            if not claim.by_definition:
                again = _read(name, claim, seen, claims.rules)
                counted = not isinstance(again, str)
                repeats[name][variant] = repeated(claim, items, again, claims.rules) if counted else None
    return repeats


def _apart(claims: Claims, found: Found, tables: Tables) -> dict[str, list[dict[str, Any]]]:
    """Return what every claim that can be read off this run comes to in every setting in which a part is measured."""
    apart: dict[str, list[dict[str, Any]]] = {name: [] for name in found}
    for setting in settings(tables):
        for name in found:
            claim = claims.claims[name]
            if not claim.by_definition:
                items = _read(name, claim, setting.tables, claims.rules)
                told = None if isinstance(items, str) else entry(setting, claim, items, claims.rules)
                apart[name] += [told] if told else []
    return apart


def _read(name: str, claim: Claim, tables: Tables, rules: Rules) -> list[Evidence] | str:
    """Return the claim's evidence, or why it cannot be read off this run."""
    try:
        return REGISTRY[name](tables.of_studies(claim.needs), rules)
    except Confounded as reason:
        return str(reason)


def _record(
    claims: Claims, name: str, items: list[Evidence] | str, repeats: Mapping[str, Judged | None]
) -> dict[str, Any]:
    claim, rules = claims.claims[name], claims.rules
    if isinstance(items, str):
        return record(claim, [], dict.fromkeys(SCALES, undecided(items)), rules)
    return record(
        claim, items, {scale: judged(claim, items, rules, by) for scale, by in SCALES.items()}, rules, repeats
    )


def _effects(found: Found) -> pd.DataFrame:
    tables = [tabulated(items).assign(claim=name) for name, items in found.items()]
    empty = pd.DataFrame({column: pd.Series(dtype=kind) for column, kind in NO_EFFECTS.items()})
    return pd.concat(tables, ignore_index=True) if tables else empty
