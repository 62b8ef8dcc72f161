"""The answer in a sentence, chosen by the verdicts, and where it does not hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from normshift.figures.numbers import listed
from normshift.report.comparison import Comparison
from normshift.report.settings import NETWORK, decided, otherwise
from normshift.report.words import VERDICTS

Records = Mapping[str, Mapping[str, Any]]
BIND = ("Supported", "Contradicted", "Depends", "No meaningful effect")


@dataclass(frozen=True)
class Answer:
    """The question as it was asked, its answer, and the sentences of the decided claims that it rests on."""

    question: str
    short: str
    evidence: list[tuple[str, str]]  # claim and sentence


def answer(thread: Sequence[Mapping[str, Any]], records: Records) -> Answer:
    """Return the answer to the first question of which a claim is decided; to the first one if none is."""
    bind = {name for name, record in records.items() if record["verdict"] in BIND}
    asked = next((one for one in thread if bind & set(one["claims"])), next(iter(thread), None))
    if asked is None or not records:
        return Answer("", "This run judges no claim.", [])
    if not bind:
        reasons = [record["reason"] for record in records.values() if record["verdict"] == "Undecided"]
        return Answer(asked["question"], f"This run decides nothing: {reasons[0]}." if reasons else asked["answer"], [])
    evidence = [(name, words) for name, words in asked["claims"].items() if name in bind]
    return Answer(asked["question"], asked["answer"], evidence)


def tally(records: Records) -> list[tuple[str, list[str]]]:
    """Return each verdict that was given with the claims that got it, in the fixed order: (Supported, [C8, C22])."""
    names = {verdict: [name for name in records if records[name]["verdict"] == verdict] for verdict in VERDICTS}
    return [(verdict, found) for verdict, found in names.items() if found]


@dataclass(frozen=True)
class Elsewhere:
    """Other networks and runs that decide claims which are decided here, how many, and what came out otherwise."""

    places: list[str]
    claims: int
    otherwise: list[tuple[str, str, str]]  # place, claim, which parts or verdict


def elsewhere(records: Records, runs: Mapping[str, Comparison]) -> Elsewhere:
    """Return where other networks of this run, part by part, and other runs disagree with what is decided here."""
    bound = {name: record for name, record in records.items() if record["verdict"] in BIND}
    tried = [(name, network) for name, record in bound.items() for network in decided(record, NETWORK)]
    networks = [
        (network, name, listed(parts))
        for name, record in bound.items()
        for network, parts in otherwise(record, NETWORK).items()
    ]
    opposed = [(f"run {run}", row.claim, row.before.verdict) for run, found in runs.items() for row in found.opposed]
    places = [
        *dict.fromkeys(network for _, network in tried),
        *(f"run {run}" for run, own in runs.items() if own.decided),
    ]
    judged = {name for name, _ in tried} | {row.claim for found in runs.values() for row in found.decided}
    return Elsewhere(places, len(judged), [*networks, *opposed])
