"""Two runs beside each other: which verdicts changed, and in what the runs differ. Summaries in, rows and page out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from normshift.figures import style
from normshift.figures.numbers import counted, effect, listed, setting
from normshift.report import words
from normshift.report.settings import DECIDED

Summary = Mapping[str, Any]
# What `run` of a summary tells, in words.
RUN = {"data": "data", "networks": "networks", "steps": "steps", "judged": "judged seeds", "tuning": "tuning seeds"}
DIGEST = 12  # letters of one that are shown
# What a comparison reads of a summary, of its `run` and of each of its claims.
WHOLE = {"registration": str, "cells": int, "claims": dict}
OF_RUN = {"data": list, "networks": list, "steps": list, "judged": int, "tuning": int}
OF_CLAIM = {"verdict": str, "effect": int | float | None, "unit": str | None, "seeds": int | None}


@dataclass(frozen=True)
class Side:
    """What one run says of a claim."""

    verdict: str
    effect: str
    seeds: int | None


@dataclass(frozen=True)
class Row:
    """A claim that both runs judged; ``sentence`` is empty where it is not known."""

    claim: str
    sentence: str
    before: Side
    after: Side

    @property
    def changed(self) -> bool:
        """Whether the verdicts differ."""
        return self.before.verdict != self.after.verdict


@dataclass(frozen=True)
class Comparison:
    """The claims of both runs in the first one's order, those of one alone, and in what the runs differ, in words."""

    rows: tuple[Row, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def changed(self) -> list[Row]:
        """The rows whose verdict changed."""
        return [row for row in self.rows if row.changed]

    @property
    def decided(self) -> list[Row]:
        """The rows that both runs decide."""
        return [row for row in self.rows if {row.before.verdict, row.after.verdict} <= set(DECIDED)]

    @property
    def opposed(self) -> list[Row]:
        """The rows that both runs decide, and differently."""
        return [row for row in self.decided if row.changed]

    @property
    def same(self) -> list[Row]:
        """The others."""
        return [row for row in self.rows if not row.changed]

    @property
    def tally(self) -> str:
        """How many verdicts changed and how many did not, and which claims only one run has."""
        told = [f"{counted(len(self.changed), 'verdict')} changed, {len(self.same):,} the same"]
        alone = {"A": self.only_before, "B": self.only_after}
        told += [f"only in {name}: {', '.join(claims)}" for name, claims in alone.items() if claims]
        return f"{'; '.join(told)}."


def is_summary(found: Any) -> bool:
    """Say whether something is the summary of a run, as far as a comparison reads it."""
    if not _holds(found, WHOLE) or not (found.get("run") is None or _holds(found["run"], OF_RUN)):
        return False
    return all(_holds(one, OF_CLAIM) and one["verdict"] in words.VERDICTS for one in found["claims"].values())


def _holds(found: Any, kinds: Mapping[str, Any]) -> bool:
    return isinstance(found, dict) and all(key in found and isinstance(found[key], kinds[key]) for key in kinds)


def comparison(before: Summary, after: Summary, sentences: Mapping[str, str]) -> Comparison:
    """Return what became of each claim's verdict between two summaries; ``sentences`` are those of the claims."""
    one, other = before["claims"], after["claims"]
    rows = tuple(
        Row(name, sentences.get(name, ""), _side(one[name]), _side(other[name])) for name in one if name in other
    )
    only = (tuple(name for name in own if name not in rest) for own, rest in ((one, other), (other, one)))
    return Comparison(rows, *only, tuple(_notes(before, after, rows)))


def _side(claim: Mapping[str, Any]) -> Side:
    return Side(claim["verdict"], effect(claim["effect"], claim["unit"] or ""), claim["seeds"])


def _notes(before: Summary, after: Summary, rows: tuple[Row, ...]) -> list[str]:
    told = []
    first, second = (summary["registration"][:DIGEST] for summary in (before, after))
    if before["registration"] != after["registration"]:
        told.append(
            f"The registrations differ ({first} and {second}): a claim of the same name may have been judged by other "
            "rules or margins, or be another sentence."
        )
    if before["cells"] != after["cells"]:
        told.append(f"The runs differ in the number of networks: {before['cells']:,} and {after['cells']:,}.")
    told += _differences(before.get("run"), after.get("run"))
    pairs: dict[tuple[int | None, int | None], list[str]] = {}
    for row in rows:
        pairs.setdefault((row.before.seeds, row.after.seeds), []).append(row.claim)
    return told + [_seeds(*pair, names, len(rows)) for pair, names in pairs.items() if pair[0] != pair[1]]


def _differences(before: Summary | None, after: Summary | None) -> list[str]:
    if before is None or after is None:
        unknown = listed([name for name, run in (("A", before), ("B", after)) if run is None])
        return [f"Data, networks and steps are not recorded in {unknown}: they may differ."]
    return [
        f"The runs differ in {words}: {_listed(before[key])}; and {_listed(after[key])}."
        for key, words in RUN.items()
        if before[key] != after[key]
    ]


def _listed(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else setting(value)


def _seeds(before: int | None, after: int | None, names: list[str], count: int) -> str:
    seeds = " and ".join("none" if number is None else setting(number) for number in (before, after))
    return f"Seeds differ, {seeds}: {'every claim' if len(names) == count else ', '.join(names)}."


def page(found: Comparison, names: tuple[str, str]) -> str:
    """Return the comparison as a page of its own, in the report's style; ``names`` are what the runs are called."""
    environment = Environment(
        loader=PackageLoader("normshift.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("comparison.html").render(
        found=found, names=dict(zip("AB", names, strict=True)), palette=style.css(), words=words
    )
