"""The thread answered: for each of its questions sentences that the verdicts choose (conf/thread.yaml)."""

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from normshift.judge.answers import Descriptions, sentence
from normshift.judge.describe import Description
from normshift.judge.judging import Judged, Level
from normshift.judge.rule import DEPENDS, UNDECIDED, Verdict
from normshift.params import QUESTIONS, Asked, Claim, Claims

Records = Mapping[str, Mapping[str, Any]]


def thread(claims: Claims, records: Records) -> list[dict[str, Any]]:
    """Return for each question, in the order of `QUESTIONS`, its short answer and a sentence for each of its claims."""
    return [_answered(key, claims.thread[key], claims, records) for key in QUESTIONS]


def _answered(key: str, asked: Asked, claims: Claims, records: Records) -> dict[str, Any]:
    names = sorted((name for name in asked.claims if name in records), key=_number)
    told = {name: _told(claims.claims[name], asked.claims[name], records[name]) for name in names}
    return {"key": key, "question": asked.question, "answer": short(asked, records), "claims": told}


def short(asked: Asked, records: Records) -> str:
    """Return the first case whose verdicts are those found; the last one holds whatever they are.

    It may name {open}: the claims that cases ask for and that are undecided.
    """
    named = dict.fromkeys(name for case in asked.short for name in case.when)
    verdicts = {name: records[name]["verdict"] if name in records else UNDECIDED for name in named}
    chosen = next(case for case in asked.short if all(verdicts[name] in some for name, some in case.when.items()))
    return chosen.say.format(open=", ".join(name for name in named if verdicts[name] == UNDECIDED))


def _told(claim: Claim, sentences: Mapping[str, str], record: Mapping[str, Any]) -> str:
    # How a claim that depends names its levels is said once, with its own answers.
    depends = {verdict: text for verdict, text in (claim.answers or {}).items() if verdict == DEPENDS}
    return sentence(replace(claim, answers={**depends, **sentences}), *restored(record), reasons=False)


def restored(record: Mapping[str, Any]) -> tuple[Judged, Descriptions]:
    """Return the verdict and the description of each part that a record was made of."""
    levels = {
        name: Level(Verdict(level["verdict"], level["reason"]), level["memorised"], _parts(level["parts"]))
        for name, level in record["levels"].items()
    }
    names = [field.name for field in fields(Description)]
    described = {
        name: {part: Description(**{key: entry[key] for key in names}) for part, entry in level["parts"].items()}
        for name, level in record["levels"].items()
    }
    return Judged(Verdict(record["verdict"], record["reason"]), levels, tuple(record["notes"])), described


def _parts(parts: Mapping[str, Any]) -> dict[str, Verdict]:
    return {name: Verdict(part["verdict"], part["reason"], part["why"]) for name, part in parts.items()}


def _number(name: str) -> tuple[int, str]:
    return int(re.sub(r"\D", "", name) or 0), name
