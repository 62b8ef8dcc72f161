"""One row of the verdict table and one section of the page for each claim."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from normshift.figures.effects import name as part_name
from normshift.figures.numbers import bare, counted, effect, interval, listed, measured, probability, setting
from normshift.params import Claim
from normshift.report.evidence import EVIDENCE, Shown, command
from normshift.report.formulas import Formula, formula
from normshift.report.settings import Apart, apart, trained, untrained
from normshift.report.whisker import Whisker, whisker
from normshift.report.words import VERDICTS, Look, agreement, look, meaning, power, repeats, robustness


@dataclass(frozen=True)
class Part:
    """A line of a claim's own table: a part at a level of the moderator, in words."""

    name: str
    verdict: str
    look: Look
    reason: str
    effect: str
    interval: str
    sd: str
    margin: str
    seeds: str
    p: str
    detectable: str
    able: str
    half: str
    twice: str


@dataclass(frozen=True)
class Section:
    """A claim as the page shows it."""

    name: str
    claim: Claim
    record: Mapping[str, Any]
    look: Look
    effect: str
    interval: str
    of: str
    seeds: str
    p: str
    whisker: Whisker | None
    robustness: str
    agreement: str
    repeats: list[str]
    power: str
    site: str
    parts: list[Part]
    formula: Formula
    apart: Apart | None
    trained: list[str]
    untrained: list[str]
    own: Shown
    figures: list[str]
    dropped: list[str]
    command: str
    why: str
    notes: list[str]


def section(
    name: str, claim: Claim, record: Mapping[str, Any], own: Shown, limit: float, run: Mapping[str, list[Any]]
) -> Section:
    """Return the view of one claim; ``run`` holds every value that a factor took in the whole run."""
    head, unit = _head(record), record["unit"] or ""
    return Section(
        name=name,
        claim=claim,
        record=record,
        look=look(record["verdict"]),
        effect=bare(record["effect"], unit),
        interval=interval(record["interval"], unit),
        of="; ".join(words for words in (unit.removeprefix("ln "), head) if words),
        seeds=str(record["seeds"] or "none"),
        p=_p(claim, record["p_holm"]),
        whisker=whisker(record, limit),
        robustness=robustness(record),
        agreement=agreement(record),
        repeats=repeats(record),
        power=power(record),
        site=meaning(claim.site),
        parts=_parts(claim, record),
        formula=formula(name),
        apart=apart(record),
        trained=trained(record["basis"]),
        untrained=untrained(record["basis"], run),
        own=own,
        figures=list(EVIDENCE.get(name, ())),
        dropped=[*dropped(record["dropped"]), *unpassed(record["unpassed"])],
        command=command(claim.needs),
        why="" if record["reason"] in record["answer"] or len(_parts(claim, record)) > 1 else record["reason"],
        notes=[note for note in record["notes"] if note.lower() not in record["answer"].lower()],
    )


def _p(claim: Claim, value: float | None) -> str:
    return "identity" if claim.by_definition else probability(value)


def _head(record: Mapping[str, Any]) -> str:
    """Return which part of a claim the table's one effect is; empty where there is only one."""
    counted = [(level, found) for level, found in record["levels"].items() if not found["memorised"]]
    if sum(len(found["parts"]) for found in record["levels"].values()) < 2 or not counted:
        return ""
    level, found = counted[0]
    return part_name(level, next(iter(found["parts"])))


def _parts(claim: Claim, record: Mapping[str, Any]) -> list[Part]:
    return [
        Part(
            name=part_name(level, part),
            verdict="Left out" if found["memorised"] else entry["verdict"],
            look=VERDICTS["Undecided"] if found["memorised"] else look(entry["verdict"]),
            reason="memorised: this level does not count" if found["memorised"] else entry["reason"],
            effect=effect(entry["median"], entry["unit"]),
            interval=interval((entry["low"], entry["high"]), entry["unit"]),
            sd=measured(entry["sd"]),
            margin=effect(entry["margin"], entry["unit"]),
            seeds=f"{entry['seeds'] - entry['missing']} of {entry['seeds']}",
            p=_p(claim, entry["p"]),
            detectable=effect(entry["detectable"], entry["unit"]),
            able={True: "yes", False: "no", None: "identity"}[entry["able"]],
            half=entry["half"],
            twice=entry["twice"],
        )
        for level, found in record["levels"].items()
        for part, entry in found["parts"].items()
    ]


def dropped(items: list[Mapping[str, Any]]) -> list[str]:
    """Return what was left out, one line for each level, arm and reason."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for item in items:
        words = f"{setting(item['lr'])} ({counted(item['seeds'], 'seed')})"
        groups.setdefault((item["level"], item["arm"], item["reason"]), []).append(words)
    return [
        f"{'' if level == 'all' else f'{level}: '}learning rate{'s' if len(rates) > 1 else ''} {listed(rates)}: "
        f"arm {arm} {reason}"
        for (level, arm, reason), rates in groups.items()
    ]


def unpassed(items: list[Mapping[str, Any]]) -> list[str]:
    """Return the matched losses that were left out, one line for each level."""
    return [
        f"{'' if item['level'] == 'all' else item['level'] + ': '}matched "
        f"{'losses' if len(item['losses']) > 1 else 'loss'} {listed([setting(loss) for loss in item['losses']])} nats: "
        "not every run passes"
        for item in items
    ]
